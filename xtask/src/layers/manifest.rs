//! Every member inherits its lints and its versions from the root manifest.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::Metadata;
use toml::{Table, Value};

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The only member that may say versions itself: of peers, which nothing else uses.
const BENCHES: &str = "bench-suite";

/// One line for each member that says something itself which the workspace should say.
pub(super) fn broken_inheritance(metadata: &Metadata) -> Result<Vec<String>> {
    let shared = shared_versions(&read(metadata.workspace_root.join("Cargo.toml").as_std_path())?);
    let mut broken = Vec::new();
    for package in &metadata.packages {
        let manifest = read(package.manifest_path.as_std_path())?;
        let own = package.name.as_str();
        // A crate's own tests may switch on a feature of it.
        let may_say =
            |name: &str| name == own || (own == BENCHES && !shared.contains(&name.to_owned()));
        broken.extend(own_words(&manifest, may_say).map(|what| format!("`{own}`: {what}")));
    }
    Ok(broken)
}

fn read(path: &Path) -> Result<Table> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    text.parse().with_context(|| format!("`{}` is not TOML", path.display()))
}

fn shared_versions(root: &Table) -> Vec<String> {
    let workspace = root.get("workspace").and_then(|table| table.get("dependencies"));
    workspace
        .and_then(Value::as_table)
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

fn own_words(manifest: &Table, may_say: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
    let lints = (!inherits(manifest.get("lints")))
        .then(|| "inherits no lints: write `[lints]` with `workspace = true`".to_owned());
    let package = manifest.get("package").and_then(Value::as_table);
    let facts = ["version", "edition", "rust-version", "license"]
        .into_iter()
        .filter(move |key| !inherits(package.and_then(|table| table.get(*key))))
        .map(|key| format!("says its own `{key}`: write `{key}.workspace = true`"));
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = std::iter::once(manifest)
        .chain(targets.into_iter().flat_map(Table::values).filter_map(Value::as_table));
    let versions = tables
        .flat_map(|table| TABLES.iter().filter_map(|name| table.get(*name)?.as_table()))
        .flatten()
        .filter(move |(name, wanted)| !inherits(Some(wanted)) && !may_say(name))
        .map(|(name, _)| {
            format!(
                "says its own version of `{name}`: write `{name}.workspace = true`, and the \
                 version in the root manifest"
            )
        });
    lints.into_iter().chain(facts).chain(versions)
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::own_words;

    const GOOD: &str = "
        [package]
        name = 'x'
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        [lints]
        workspace = true
        [dependencies]
        serde.workspace = true
        tokio = { workspace = true, features = ['rt'] }
    ";

    fn broken(text: &str) -> Vec<String> {
        own_words(&text.parse().unwrap(), |name| name == "peer").collect()
    }

    #[test]
    fn a_member_that_inherits_everything_is_good() {
        assert_eq!(broken(GOOD), Vec::<String>::new());
    }

    #[test]
    fn each_own_word_is_named() {
        #[rustfmt::skip]
        let cases = [
            ("[lints]\n        workspace = true", "",                                   "inherits no lints"),
            ("edition.workspace = true",          "edition = '2021'",                   "`edition`"),
            ("serde.workspace = true",            "serde = '1'",                        "version of `serde`"),
            ("serde.workspace = true",            "serde = { path = '../serde' }",      "version of `serde`"),
        ];
        for (from, to, words) in cases {
            let broken = broken(&GOOD.replace(from, to));
            assert!(broken.iter().any(|line| line.contains(words)), "{words}: {broken:?}");
        }
        let peer = GOOD.replace("serde.workspace = true", "peer = '1'");
        assert_eq!(broken(&peer), Vec::<String>::new(), "who may say it");
        let target = format!("{GOOD}\n[target.'cfg(unix)'.dev-dependencies]\nlibc = '0.2'");
        assert_eq!(broken(&target).len(), 1, "tables of one target count too");
    }
}
