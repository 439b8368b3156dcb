//! `countersign audit verify`

use std::{collections::BTreeMap, fs, path::Path, process::ExitCode};

use anyhow::{Context, anyhow, bail};
use auth_model::{OrgId, Organization};
use mapping_store::{
    ChainHead, ChainPlace,
    audit_chain::{self, ChainReport},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::hex;
use crate::{
    cli::{Output, Verify},
    failure::Failure,
    installation, output,
};

pub(crate) async fn run(args: &Verify, form: Output) -> Result<ExitCode, Failure> {
    let only: Option<OrgId> = match &args.org {
        Some(text) => Some(text.parse().map_err(|e| Failure::usage(anyhow::Error::from(e)))?),
        None => None,
    };
    let anchors = args.anchors.as_deref().map(read).transpose().map_err(Failure::usage)?;
    let anchors = anchors.unwrap_or_default();
    may_be_written(args).map_err(Failure::usage)?;

    let store = installation::open(&args.installation).await?.store;
    let organizations = store.organizations().await.context("can't read the organizations")?;
    let mut chains = store.chains().await.context("can't read the audit log")?;
    // A chain that was removed as a whole is not among them, but its organization or its anchors may still be there.
    chains.extend(organizations.iter().map(|organization| Some(organization.id)));
    chains.extend(anchors.keys().copied());
    chains.sort_unstable();
    chains.dedup();
    if let Some(org) = only {
        chains.retain(|chain| *chain == Some(org));
        if chains.is_empty() {
            return Err(Failure::usage(anyhow!(
                "there is no audit log of an organization {org}; `countersign org list` shows which there are"
            )));
        }
    }
    let mut checked = Vec::with_capacity(chains.len());
    for chain in chains {
        let name = name(chain, &organizations);
        let mut progress = |events| output::progress(&format!("{name}: {events} events"));
        let own = anchors.get(&chain).map_or(&[][..], Vec::as_slice);
        let report = audit_chain::verify(store.as_ref(), chain, own, &mut progress).await;
        output::progress("");
        let report = report.with_context(|| format!("can't read the audit log of {name}"))?;
        let exists = organizations.iter().any(|organization| Some(organization.id) == chain);
        checked.push(Checked { name, missing: exists && report.events == 0, report });
    }
    let fine = checked.iter().all(Checked::is_fine);
    match form {
        Output::Json => output::json(&as_json(fine, &checked))?,
        _ => show(&checked),
    }
    if let Some(path) = &args.write_anchors {
        if !fine {
            output::note("The anchors were not written, because the log is broken.");
        } else {
            write(path, &checked)?;
            output::note(&format!(
                "Wrote the anchors to `{0}`. Keep a copy where nobody who can write to the database can change it; \
                 `countersign audit verify --anchors {0}` checks against it.",
                path.display()
            ));
        }
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

struct Checked {
    name: String,
    /// There is an organization, but not even the event of its making.
    missing: bool,
    report: ChainReport,
}

impl Checked {
    fn is_fine(&self) -> bool {
        !self.missing && self.report.is_fine()
    }

    fn faults(&self) -> Vec<String> {
        let ChainReport { faults, more_faults, .. } = &self.report;
        let mut lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        if *more_faults > 0 {
            lines.push(format!("and {more_faults} more"));
        }
        if self.missing && lines.is_empty() {
            lines.push(
                "removed: not even the event of the organization's making is there".to_owned(),
            );
        }
        lines
    }
}

fn name(chain: Option<OrgId>, organizations: &[Organization]) -> String {
    match chain {
        None => "(concerns no organization)".to_owned(),
        Some(id) => match organizations.iter().find(|organization| organization.id == id) {
            Some(organization) => organization.name.clone(),
            None => "(no such organization)".to_owned(),
        },
    }
}

fn show(checked: &[Checked]) {
    let rows = checked.iter().map(|one| {
        let report = &one.report;
        let verdict = if one.is_fine() { "✓ unbroken" } else { "✗ broken" };
        vec![
            one.name.clone(),
            report.heads.len().to_string(),
            report.events.to_string(),
            verdict.to_owned(),
            report.chain.map(|org| org.to_string()).unwrap_or_default(),
        ]
    });
    output::table(
        &["organization", "lanes", "events", "verdict", "id"],
        rows.collect(),
        "The audit log is empty.",
    );
    for one in checked {
        for fault in one.faults() {
            output::line(&format!("{}: {fault}", one.name));
        }
    }
}

fn as_json(fine: bool, checked: &[Checked]) -> Value {
    let chains = checked.iter().map(|one| {
        json!({
            "organization": one.report.chain.map(|org| org.to_string()),
            "name": one.name,
            "events": one.report.events,
            "unbroken": one.is_fine(),
            "faults": one.faults(),
            "heads": one.report.heads.iter().map(Anchor::of).collect::<Vec<_>>(),
        })
    });
    json!({ "unbroken": fine, "chains": chains.collect::<Vec<_>>() })
}

/// Where lanes ended: the file of anchors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchorFile {
    /// By chain: an organization's id, or nothing for the events that concern none.
    chains: Vec<AnchoredChain>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnchoredChain {
    organization: Option<String>,
    heads: Vec<Anchor>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor {
    lane: i32,
    sequence: i64,
    hash: String,
}

impl Anchor {
    fn of(head: &ChainHead) -> Self {
        let ChainPlace { lane, sequence } = head.place;
        Self { lane, sequence, hash: hex(&head.hash) }
    }

    fn head(&self) -> anyhow::Result<ChainHead> {
        let place = ChainPlace { lane: self.lane, sequence: self.sequence };
        let hash = unhex(&self.hash).with_context(|| {
            format!(
                "the hash of lane {}, place {} is not 64 hexadecimal digits",
                place.lane, place.sequence
            )
        })?;
        Ok(ChainHead { place, hash })
    }
}

type Anchors = BTreeMap<Option<OrgId>, Vec<ChainHead>>;

fn read(path: &Path) -> anyhow::Result<Anchors> {
    let parse = || {
        let file: AnchorFile = serde_json::from_str(&fs::read_to_string(path)?)?;
        let mut anchors = Anchors::new();
        for chain in file.chains {
            let org = chain.organization.map(|id| id.parse()).transpose()?;
            let heads: anyhow::Result<Vec<_>> = chain.heads.iter().map(Anchor::head).collect();
            anchors.entry(org).or_default().extend(heads?);
        }
        anyhow::Ok(anchors)
    };
    parse().with_context(|| format!("`{}` is no file of anchors", path.display()))
}

/// A file that is there is replaced only after it was checked against: it may be the only witness.
fn may_be_written(args: &Verify) -> anyhow::Result<()> {
    let Some(path) = &args.write_anchors else { return Ok(()) };
    if path.exists() && args.anchors.as_ref() != Some(path) {
        bail!(
            "`{0}` exists; name another file, or check against it in the same run: `--anchors {0} --write-anchors {0}`",
            path.display()
        );
    }
    if args.org.is_some() && path.exists() {
        bail!(
            "`{}` has the anchors of all organizations: leave out `--org`, or name another file to write to",
            path.display()
        );
    }
    Ok(())
}

fn write(path: &Path, checked: &[Checked]) -> anyhow::Result<()> {
    let chains = checked.iter().map(|one| AnchoredChain {
        organization: one.report.chain.map(|org| org.to_string()),
        heads: one.report.heads.iter().map(Anchor::of).collect(),
    });
    let text = serde_json::to_string_pretty(&AnchorFile { chains: chains.collect() })?;
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let written = fs::write(&temporary, text + "\n").and_then(|()| fs::rename(&temporary, path));
    written.with_context(|| format!("can't write `{}`", path.display()))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}
