//! A server to run against.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Output, Stdio},
};

use serde_json::Value;

use crate::common::{countersign, text};

/// A `dev` that has said that it is ready; ended when dropped.
pub(crate) struct Dev {
    child: Child,
    pub(crate) environment: Vec<(String, String)>,
}

impl Dev {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = countersign()
            .args([
                "--output",
                "json",
                "dev",
                "--listen",
                "127.0.0.1:0",
                "--sts-listen",
                "127.0.0.1:0",
            ])
            .arg("--data")
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut json = String::new();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        while serde_json::from_str::<Value>(&json).is_err() {
            json.push_str(&lines.next().expect("`dev` ended early").unwrap());
        }
        let value: Value = serde_json::from_str(&json).unwrap();
        let environment = value["environment"].as_object().unwrap().iter();
        let environment =
            environment.map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect();
        Self { child, environment }
    }

    /// With the environment that `dev` printed.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        countersign().envs(self.environment.iter().cloned()).args(args).output().unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--output", "json"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
