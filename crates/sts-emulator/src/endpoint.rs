//! Which STS a request was sent to: told from its `Host` header.

use arn_pattern::Partition;
use sts_proof::HostTable;

/// What is done with a request whose `Host` is no STS host, such as `127.0.0.1:4566`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UnknownHost {
    /// It stands for every Region at once: the signer's Region decides. Good for `--endpoint-url`.
    #[default]
    AnyRegion,
    /// It stands for this Region only.
    Region(String),
}

/// The STS endpoint that a request was sent to.
#[derive(Clone, Debug)]
pub struct Endpoint {
    table: HostTable,
    /// The one Region of the endpoint; `None` where any known Region will do.
    region: Option<String>,
    partition: Option<Partition>,
}

impl Endpoint {
    /// The endpoint that this `Host` header names; case and port do not count.
    pub fn of_host(table: &HostTable, host: &str, unknown: &UnknownHost) -> Self {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        let (region, partition) = match (table.lookup(&name), unknown) {
            (Some(host), _) => (Some(host.region().to_owned()), Some(host.partition())),
            (None, UnknownHost::AnyRegion) => (None, None),
            (None, UnknownHost::Region(region)) => (Some(region.clone()), None),
        };
        Self { table: table.clone(), region, partition }
    }

    /// The partition of `region`, if a credential scope of that Region is right for this endpoint.
    #[must_use]
    pub fn accepts(&self, region: &str) -> Option<Partition> {
        match (&self.region, self.partition) {
            (Some(own), _) if own != region => None,
            (_, Some(partition)) => Some(partition),
            _ => self.table.iter().find(|row| row.region() == region).map(|row| row.partition()),
        }
    }
}
