//! Where the Region comes from.

use aws_config::{
    Region, environment::EnvironmentVariableRegionProvider, meta::region::RegionProviderChain,
    profile::ProfileFileRegionProvider, provider_config::ProviderConfig,
};

use super::{AwsChainOptions, direct, imds, metadata::Metadata, profile::files};

/// Of the options, the environment, the profile; then of IMDS where that is wished for: off EC2 it costs two seconds to hear nothing.
pub(super) async fn region(
    options: &AwsChainOptions,
    config: &ProviderConfig,
    metadata: &Metadata,
) -> Option<Region> {
    if let Some(region) = &options.region {
        return Some(Region::new(region.clone()));
    }
    let mut profile = ProfileFileRegionProvider::builder().configure(config);
    if let Some(name) = &options.profile {
        profile = profile.profile_name(name);
    }
    if let Some(file) = &options.config_file {
        profile = profile.profile_files(files(file));
    }
    let named = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .region()
        .await;
    match named {
        None if options.region_from_imds => {
            imds::region(&direct(config), metadata, options.imds_v1).await
        }
        named => named,
    }
}
