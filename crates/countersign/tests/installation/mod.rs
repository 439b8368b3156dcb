//! An installation of one's own, and a server on it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{countersign, run, text};

/// An installation on SQLite: a folder with its configuration.
pub(crate) struct Installation {
    folder: TempDir,
}

impl Installation {
    pub(crate) fn new() -> Self {
        let new = Self { folder: tempfile::tempdir().unwrap() };
        let key = new.path("master.key");
        assert!(run(&["init", "--master-key-file", &key]).status.success());
        let config = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"sqlite:{}\"\nmaster_key_file = {key:?}\n",
            new.path("countersign.db")
        );
        std::fs::write(new.path("c.toml"), config).unwrap();
        new
    }

    /// Of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// A command that takes `--config`.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        countersign().args(args).args(["--config", &self.path("c.toml")]).output().unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--output", "json"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub(crate) fn bootstrap(&self) -> Value {
        self.json(&["bootstrap", "--org", "Acme", "--admin-email", "Ann@Acme.example"])
    }

    pub(crate) fn serve(&self, admin: &Value) -> Server {
        let mut child = countersign()
            .args(["serve", "--config", &self.path("c.toml")])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = loop {
            let line = lines.next().expect("`serve` ended early").unwrap();
            if let Some((_, rest)) = line.split_once("listening on ") {
                break format!("http://{}", rest.split(' ').next().unwrap());
            }
        };
        // Whoever writes into a pipe that nobody reads waits for ever.
        std::thread::spawn(move || lines.for_each(drop));
        let key = |name: &str| admin[name].as_str().unwrap().to_owned();
        Server { child: Some(child), url, api_key: key("api_key"), app_key: key("app_key") }
    }
}

/// A `serve` that answers, and the keys to use it; ended when dropped.
pub(crate) struct Server {
    /// Absent where another one ends it.
    child: Option<Child>,
    url: String,
    api_key: String,
    app_key: String,
}

impl Server {
    /// The same server as others use it, for as long as this one lives.
    pub(crate) fn with_keys(&self, api_key: &str, app_key: &str) -> Self {
        let (api_key, app_key) = (api_key.to_owned(), app_key.to_owned());
        Self { child: None, url: self.url.clone(), api_key, app_key }
    }

    /// A command that acts with the keys.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = countersign();
        command.args(args).env("DD_HOST", &self.url);
        command.env("DD_API_KEY", &self.api_key).env("DD_APP_KEY", &self.app_key);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--output", "json"], args].concat());
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a table says.
    pub(crate) fn says(&self, args: &[&str], words: &str) {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.contains(words), "{args:?}: {said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The id of a resource.
pub(crate) fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}
