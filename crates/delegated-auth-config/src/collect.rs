//! Sections and endpoints become instances: one for each organization at each server.

use std::collections::BTreeSet;

use auth_model::{ExposeSecret, OrgId, SecretString};

use crate::{
    ConfigError, Note, Place, Settings, Wanted,
    address::Address,
    endpoints::{self, Endpoint},
    fallback,
    proxy::Proxies,
    section::{PRODUCTS, Section, below},
    source::{Found, Source},
};

/// The site where none is given.
const DEFAULT_SITE: &str = "datadoghq.com";

/// Everything that the settings ask for.
pub(crate) fn settings(source: &Source<'_>) -> Result<Settings, ConfigError> {
    let mut notes = Vec::new();
    let root = Section::read(source, "", &mut notes)?;
    let main = main_server(source, &mut notes)?;
    let mut all = Instances { proxies: Proxies::read(source)?, wanted: Vec::new(), notes };
    let root_key = fallback::read(source, "api_key", &mut all.notes)?.flatten();
    if let Some(org) = root.org {
        all.add("main".to_owned(), org, &main, &root, root_key.clone(), Place::Root);
    }
    for prefix in PRODUCTS {
        let section = Section::read(source, prefix, &mut all.notes)?.or(&root);
        let Some(org) = section.org else { continue };
        let own = fallback::read(source, &below(prefix, "api_key"), &mut all.notes)?;
        let key = own.unwrap_or_else(|| root_key.clone());
        all.add(prefix.to_owned(), org, &main, &section, key, Place::Product { prefix });
    }
    for endpoint in endpoints::read(source, &mut all.notes)? {
        all.endpoint(endpoint, &root);
    }
    if all.wanted.is_empty() {
        return Err(ConfigError::NotEnabled { notes: all.notes });
    }
    Ok(Settings {
        server: main.server(),
        instances: all.wanted,
        notes: all.notes,
        skip_ssl_verification: source.switch("skip_ssl_verification")?,
    })
}

/// `dd_url` before `site`, whichever of them the environment gives.
fn main_server(source: &Source<'_>, notes: &mut Vec<Note>) -> Result<Address, ConfigError> {
    let url = match source.variable("DD_DD_URL").or_else(|| source.variable("DD_URL")) {
        Some(found) => Some(found),
        None => source.scalar_in_file("dd_url")?,
    };
    let (found, address) = match (url, source.scalar("site")?) {
        (Some(url), _) => {
            let url = url.filled_in()?;
            let address = Address::parse(&url.text);
            (url, address)
        }
        (None, Some(site)) => {
            let site = site.filled_in()?;
            let address = Address::of_site(&site.text);
            (site, address)
        }
        (None, None) => {
            let at = crate::Origin::Line { line: 1 };
            (Found { text: String::new(), at }, Address::of_site(DEFAULT_SITE))
        }
    };
    let at = found.at;
    let address = address.map_err(|source| ConfigError::Server { at: at.clone(), source })?;
    if address.keeps_path() {
        notes.push(Note::PathInServer { at });
    }
    Ok(address)
}

struct Instances {
    proxies: Proxies,
    wanted: Vec<Wanted>,
    notes: Vec<Note>,
}

impl Instances {
    fn endpoint(&mut self, endpoint: Endpoint, root: &Section) {
        let Endpoint { setting, url, address, directive, at } = endpoint;
        let found =
            directive.fallback.map(|key| Found { text: key.expose_secret().to_owned(), at });
        let key = found.and_then(|found| fallback::usable(found, &mut self.notes));
        let section = root.for_directive(directive.org, directive.region);
        let name = self.free_name(&format!("{setting} {}", address.host_and_port()), directive.org);
        self.add(name, directive.org, &address, &section, key, Place::Endpoint { setting, url });
    }

    /// A new instance, or one more place of the one that the organization has at the server.
    fn add(
        &mut self,
        name: String,
        org: OrgId,
        address: &Address,
        section: &Section,
        fallback: Option<SecretString>,
        place: Place,
    ) {
        let server = address.server();
        let same = self.wanted.iter_mut().find(|one| one.org == org && one.server == server);
        if let Some(one) = same {
            one.places.push(place);
            if differ(one.fallback.as_ref(), fallback.as_ref()) {
                let note = Note::DifferentFallbacks { name: one.name.clone() };
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
            }
            one.fallback = one.fallback.take().or(fallback);
            return;
        }
        self.wanted.push(Wanted {
            name,
            org,
            proxy: Address::parse(&server).ok().and_then(|server| self.proxies.to(&server)),
            server,
            provider: section.provider(),
            region: section.region(),
            refresh_interval: section.interval(),
            fallback,
            places: vec![place],
        });
    }

    /// The name, with what tells it apart from those that are taken.
    fn free_name(&self, name: &str, org: OrgId) -> String {
        let taken: BTreeSet<_> = self.wanted.iter().map(|one| one.name.as_str()).collect();
        let numbered = (2_usize..).map(|number| format!("{name} {org} {number}"));
        [name.to_owned(), format!("{name} {org}")]
            .into_iter()
            .chain(numbered)
            .find(|name| !taken.contains(name.as_str()))
            .unwrap_or_default()
    }
}

fn differ(one: Option<&SecretString>, other: Option<&SecretString>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.expose_secret() != other.expose_secret())
}
