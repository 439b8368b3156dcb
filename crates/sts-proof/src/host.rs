//! The STS hosts that a proof may name: a fixed table, never a pattern, never a name made from a client's text.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use arn_pattern::Partition;

/// A host that answers GetCallerIdentity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsHost {
    name: String,
    partition: Partition,
    region: String,
    variant: HostVariant,
}

/// Which of a Region's endpoints a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostVariant {
    /// `sts.amazonaws.com`, whose scope is always `us-east-1`.
    Global,
    /// `sts.<region>.…`
    Standard,
    /// Reachable over IPv4 and IPv6.
    DualStack,
    /// Validated cryptography (FIPS 140).
    Fips,
    /// Both.
    FipsDualStack,
    /// Added by configuration.
    Configured,
}

impl StsHost {
    /// A host that the standard table does not hold; see [`HostTable::with_extra`].
    ///
    /// `region` is the one that proofs for this host are scoped to.
    pub fn configured(
        name: impl Into<String>,
        partition: Partition,
        region: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            partition,
            region: region.into(),
            variant: HostVariant::Configured,
        }
    }

    /// Such as `sts.eu-west-1.amazonaws.com`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The partition whose principals it knows.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The Region of the credential scope that it accepts.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Which of the Region's endpoints it is.
    pub fn variant(&self) -> HostVariant {
        self.variant
    }
}

/// The hosts that are spoken to. Cheap to clone.
///
/// Source: AWS's published endpoints of STS, among them those that follow its naming rules for dual-stack and
/// FIPS endpoints; that a name is here does not say that it resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostTable(Arc<HashMap<Box<str>, Arc<StsHost>>>);

impl HostTable {
    /// Every partition's hosts.
    pub fn standard() -> Self {
        STANDARD.clone()
    }

    /// This table with more rows; a row whose name is already here takes its place.
    #[must_use]
    pub fn with_extra(mut self, rows: impl IntoIterator<Item = StsHost>) -> Self {
        let table = Arc::make_mut(&mut self.0);
        for row in rows {
            table.insert(row.name.as_str().into(), Arc::new(row));
        }
        self
    }

    /// The row of exactly this name, byte for byte.
    pub fn lookup(&self, name: &str) -> Option<&StsHost> {
        self.0.get(name).map(Arc::as_ref)
    }

    /// As [`Self::lookup`], to keep.
    pub(crate) fn lookup_shared(&self, name: &str) -> Option<Arc<StsHost>> {
        self.0.get(name).cloned()
    }

    /// The host that clients use by default: the standard one of this Region, the global one if there is none given.
    pub fn for_region(&self, region: Option<&str>) -> Option<&StsHost> {
        let Some(region) = region else { return self.lookup("sts.amazonaws.com") };
        self.iter()
            .filter(|host| host.region == region)
            .find(|host| matches!(host.variant, HostVariant::Standard | HostVariant::Configured))
    }

    /// Every row, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &StsHost> {
        self.0.values().map(Arc::as_ref)
    }
}

impl Default for HostTable {
    fn default() -> Self {
        Self::standard()
    }
}

/// A group of Regions that share their name suffixes.
struct Group {
    partition: Partition,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
    /// GovCloud has none: its standard hosts are the validated ones.
    fips: bool,
    regions: &'static [&'static str],
}

impl Group {
    fn rows(&self) -> impl Iterator<Item = StsHost> {
        self.regions.iter().flat_map(|region| {
            let row = |prefix, suffix, variant| StsHost {
                name: format!("{prefix}.{region}.{suffix}"),
                partition: self.partition,
                region: (*region).to_owned(),
                variant,
            };
            [
                Some(row("sts", self.suffix, HostVariant::Standard)),
                Some(row("sts", self.dual_stack_suffix, HostVariant::DualStack)),
                self.fips.then(|| row("sts-fips", self.suffix, HostVariant::Fips)),
                Some(row("sts-fips", self.dual_stack_suffix, HostVariant::FipsDualStack)),
            ]
            .into_iter()
            .flatten()
        })
    }
}

static STANDARD: LazyLock<HostTable> = LazyLock::new(|| {
    let global = StsHost {
        name: "sts.amazonaws.com".to_owned(),
        partition: Partition::Aws,
        region: "us-east-1".to_owned(),
        variant: HostVariant::Global,
    };
    let rows = GROUPS.iter().flat_map(Group::rows).chain([global]);
    HostTable(Arc::new(rows.map(|row| (row.name.as_str().into(), Arc::new(row))).collect()))
});

const GROUPS: &[Group] = &[
    Group {
        partition: Partition::Aws,
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        fips: true,
        regions: &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    },
    Group {
        partition: Partition::AwsUsGov,
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
        fips: false,
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Group {
        partition: Partition::AwsCn,
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
        fips: true,
        regions: &["cn-north-1", "cn-northwest-1"],
    },
    Group {
        partition: Partition::AwsEusc,
        suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
        fips: true,
        regions: &["eusc-de-east-1"],
    },
    Group {
        partition: Partition::AwsIso,
        suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
        fips: true,
        regions: &["us-iso-east-1", "us-iso-west-1"],
    },
    Group {
        partition: Partition::AwsIsoB,
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
        fips: true,
        regions: &["us-isob-east-1", "us-isob-west-1"],
    },
    Group {
        partition: Partition::AwsIsoE,
        suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
        fips: true,
        regions: &["eu-isoe-west-1"],
    },
    Group {
        partition: Partition::AwsIsoF,
        suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
        fips: true,
        regions: &["us-isof-east-1", "us-isof-south-1"],
    },
];
