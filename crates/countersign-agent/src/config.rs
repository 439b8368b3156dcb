//! What an agent keeps, for whom, and where it tells of it.

mod datadog_yaml;
mod instance;

use std::{
    collections::HashSet,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use auth_model::ExposeSecret;
use serde::Deserialize;

pub use datadog_yaml::DatadogYaml;
pub use instance::{Instance, KubernetesSecret, SecretSetting};

/// All that an agent does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the status page and the metrics are, such as `127.0.0.1:8405`. They hold no keys.
    pub listen: Option<SocketAddr>,
    /// Lets `listen` be an address that other machines reach.
    #[serde(default)]
    pub listen_beyond_this_machine: bool,
    /// A Unix socket that answers with keys, for whoever may open it.
    pub socket: Option<PathBuf>,
    /// Whose the socket is, `USER:GROUP`; by default of the agent's own user alone. A group may then open it too.
    pub socket_owner: Option<String>,
    /// One for each key.
    #[serde(default, rename = "instance")]
    pub instances: Vec<Instance>,
    /// Further ones, from the settings of a telemetry Agent.
    pub datadog_yaml: Option<DatadogYaml>,
    /// What its reader should know, though it can be used.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Why a configuration can't be used. Shows nothing of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("the configuration `{}` can't be read: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that it names can't be read.
    #[error(transparent)]
    Secret(#[from] private_file::ReadError),
    /// It says what can't be.
    #[error("{0}")]
    Wrong(String),
    /// The same, of a file.
    #[error("the configuration `{}` can't be used: {problem}", path.display())]
    InFile {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl Config {
    /// What a TOML file says, checked.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let mut config = Self::parse(&text).map_err(|error| ConfigError::InFile {
            path: path.to_owned(),
            problem: error.to_string(),
        })?;
        let shown = path.display();
        if others_may(0o022, path) {
            config.warnings.push(format!(
                "others than its owner may write to `{shown}`, and so decide what the agent runs: `chmod go-w` it"
            ));
        }
        let password = |one: &Instance| {
            one.proxy.as_ref().is_some_and(|url| url.0.expose_secret().contains('@'))
        };
        if config.instances.iter().any(password) && others_may(0o004, path) {
            config.warnings.push(format!(
                "everybody on this machine may read `{shown}`, which holds a proxy's password: `chmod o-r` it"
            ));
        }
        Ok(config)
    }

    /// What a TOML text says, checked.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self =
            toml_settings::read(text).map_err(|error| ConfigError::Wrong(error.to_string()))?;
        config.checked()
    }

    /// The same configuration with the instances of its `datadog_yaml`, if it can be used.
    pub fn checked(mut self) -> Result<Self, ConfigError> {
        if let Some(settings) = &self.datadog_yaml {
            let (instances, warnings) = settings.read()?;
            self.instances.extend(instances);
            self.warnings.extend(warnings);
        }
        let wrong = |problem: String| Err(ConfigError::Wrong(problem));
        if self.instances.is_empty() {
            return wrong("there is no `[[instance]]` in it, and no `[datadog_yaml]`".to_owned());
        }
        let beyond = self.listen.filter(|address| !address.ip().is_loopback());
        if let Some(address) = beyond.filter(|_| !self.listen_beyond_this_machine) {
            return wrong(format!(
                "`listen` is {address}, which other machines may reach: they would see organizations and roles. Take a loopback address, or set `listen_beyond_this_machine`"
            ));
        }
        let (mut names, mut files) = (HashSet::new(), HashSet::new());
        for instance in &self.instances {
            instance.check(self.socket.is_some())?;
            let name = instance.name();
            if !names.insert(name) {
                return wrong(format!("two instances are called `{name}`; give each a `name`"));
            }
            for file in instance.own_files() {
                if !files.insert(file) {
                    return wrong(format!("`{}` is written twice", file.display()));
                }
            }
        }
        Ok(self)
    }
}

/// Whether the file's mode has any of these bits.
#[cfg(unix)]
fn others_may(bits: u32, path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & bits != 0)
}

#[cfg(not(unix))]
fn others_may(_: u32, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[instance]]\nurl = 'https://c.example'\norg = 'a'\nkey_file = 'k'\n";

    #[test]
    fn an_instance_needs_a_server_an_organization_and_somebody_to_reach() {
        let read = Config::parse(ONE).unwrap();
        assert_eq!((read.instances.len(), read.instances[0].name()), (1, "a"));
        let both = format!("{ONE}{}", ONE.replace("'a'", "'b'").replace("'k'", "'k2'"));
        assert_eq!(Config::parse(&both).unwrap().instances.len(), 2);
        let by_socket = format!("socket = 's'\n{}", ONE.replace("key_file = 'k'\n", ""));
        assert!(Config::parse(&by_socket).is_ok());
        let here = format!("listen = '[::1]:8405'\n{ONE}");
        assert!(Config::parse(&here).is_ok());
        let beyond = format!("listen = '0.0.0.0:1'\nlisten_beyond_this_machine = true\n{ONE}");
        assert!(Config::parse(&beyond).is_ok());
        #[rustfmt::skip]
        let cases = [
            ("nothing in it",          String::new(),                                    "no `[[instance]]`"),
            ("a word unknown",         format!("{ONE}keyfile = 'x'\n"),                  "keyfile"),
            ("no organization",        ONE.replace("org = 'a'\n", ""),                   "org"),
            ("no output",              ONE.replace("key_file = 'k'\n", ""),              "reach nobody"),
            ("the same name",          format!("{ONE}{}", ONE.replace("'k'", "'k2'")),   "two instances are called `a`"),
            ("the same file",          format!("{ONE}{}", ONE.replace("'a'", "'b'")),    "`k` is written twice"),
            ("key and cache in one",   format!("{ONE}cache_file = 'k'\n"),               "`k` is written twice"),
            ("never",                  format!("{ONE}refresh_interval_mins = 0\n"),      "1 to 1440"),
            ("a key for no cache",     format!("{ONE}cache_key_file = 'x'\n"),           "no `cache_file`"),
            ("nobody's file",          format!("{ONE}key_file_owner = 'no-such'\n"),     "no user `no-such`"),
            ("an owner of nothing",    format!("{}key_file_owner = 'root'\non_change = ['x']\n", ONE.replace("key_file = 'k'\n", "")), "no `key_file`"),
            ("seen from elsewhere",    format!("listen = '0.0.0.0:8405'\n{ONE}"),        "other machines"),
            ("a name that is a path",  format!("{ONE}name = 'a/b'\n"),                   "`name`"),
        ];
        for (rule, text, words) in cases {
            let error = Config::parse(&text).unwrap_err().to_string();
            assert!(error.contains(words), "{rule}: {error}");
        }
    }

    /// What is shown can be written: every key is known. Names and files of other machines are not looked for.
    #[test]
    fn the_configurations_that_we_show_are_ones() {
        let readme = include_str!("../README.md");
        let (_, rest) = readme.split_once("```toml\n").unwrap();
        let shown: Config = toml_settings::read(rest.split_once("```").unwrap().0).unwrap();
        assert!(shown.instances.len() == 1 && shown.datadog_yaml.is_some());
        let example = include_str!("../examples/kubernetes.yaml");
        let (_, rest) = example.split_once("agent.toml: |\n").unwrap();
        let text = rest.split_once("---").unwrap().0;
        let text: Vec<_> = text.lines().map(str::trim_start).collect();
        assert_eq!(Config::parse(&text.join("\n")).unwrap().instances.len(), 1);
    }

    #[test]
    fn a_mistake_shows_no_value() {
        for line in
            ["fallback_key = 'hush'", "on_change = 'run --token hush'", "proxy = 'http://u:hush"]
        {
            let error = Config::parse(&format!("{ONE}{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 5") && !error.contains("hush"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn who_else_may_write_to_it_or_read_a_password_is_warned_of() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, ONE).unwrap();
        for (mode, warnings) in [(0o600, 0), (0o644, 0), (0o664, 1), (0o646, 1)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Config::load(&path).unwrap().warnings.len(), warnings, "{mode:o}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        for (proxy, warnings) in [("http://p.example", 0), ("http://u:hush@p.example", 1)] {
            std::fs::write(&path, format!("{ONE}proxy = '{proxy}'\n")).unwrap();
            let told = Config::load(&path).unwrap().warnings;
            assert!(told.len() == warnings && !told.concat().contains("hush"), "{told:?}");
        }
    }
}
