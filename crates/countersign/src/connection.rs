//! From the command line's options to a client that is signed in.

use std::sync::Arc;

use anyhow::anyhow;
use auth_model::{OrgId, SystemClock};
use countersign_client::{
    ApiClient, Auth, AwsChain, AwsChainOptions, Client, ClientConfig, HttpOptions, Url,
};

use crate::{
    cli::{ApiConnection, Connection},
    failure::Failure,
};

/// A client that exchanges the AWS credentials at hand.
pub(crate) async fn client(args: &Connection) -> Result<Client, Failure> {
    let org = args.org.as_deref().ok_or_else(|| {
        Failure::usage(anyhow!(
            "say which organization: `--org UUID` or DD_ORG_UUID; `countersign dev` prints it"
        ))
    })?;
    let org: OrgId = org.parse().map_err(|e| Failure::usage(anyhow::Error::from(e)))?;
    let mut config = ClientConfig::new(url(args)?, org);
    config.region = args.sts_region.clone();
    let options = AwsChainOptions { profile: args.profile.clone(), ..AwsChainOptions::default() };
    let chain = AwsChain::load(options).await;
    Ok(Client::new(config, Arc::new(chain), Arc::new(SystemClock))?)
}

/// A client of the API: by keys if there are two, otherwise by exchange.
pub(crate) async fn api(args: &ApiConnection) -> Result<ApiClient, Failure> {
    let auth = match (&args.api_key, &args.app_key) {
        (Some(api_key), Some(app_key)) => {
            Auth::Keys { api_key: api_key.clone().into(), app_key: app_key.clone().into() }
        }
        (None, None) => {
            let client = client(&args.connection).await;
            Auth::Exchange(Arc::new(client.map_err(without_keys)?))
        }
        _ => {
            return Err(Failure::usage(anyhow!(
                "an API key and an application key go together: set both DD_API_KEY and DD_APP_KEY, or neither to sign in with AWS credentials"
            )));
        }
    };
    Ok(ApiClient::new(url(&args.connection)?, auth, HttpOptions::default())?)
}

fn url(args: &Connection) -> Result<Url, Failure> {
    args.url.parse().map_err(|e| {
        Failure::usage(anyhow::Error::from(e).context(format!("`{}` is not a URL", args.url)))
    })
}

fn without_keys(failure: Failure) -> Failure {
    failure.context("there is no key pair (DD_API_KEY, DD_APP_KEY), so AWS credentials are used")
}
