//! Which source wins, and which is named.

use aws_credential_types::provider::future;

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A source that always does the same.
#[derive(Clone, Copy, Debug)]
enum Fixed {
    Empty,
    Fails,
    Has(&'static str),
}

impl ProvideCredentials for Fixed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(match self {
            Self::Empty => Err(SdkError::not_loaded_no_source()),
            Self::Fails => Err(SdkError::provider_error(format!("exit 1. Stderr: {SECRET}"))),
            Self::Has(id) => Ok(Credentials::new(*id, SECRET, None, None, "fixed")),
        })
    }
}

fn chain(links: &[(&str, Fixed)]) -> AwsChain {
    let links = links.iter().map(|(name, fixed)| Link::new(*name, "look there", *fixed));
    AwsChain { links: links.collect(), region: None }
}

#[tokio::test]
async fn the_first_that_has_credentials_wins_and_is_named() {
    let chain = chain(&[("a", Fixed::Empty), ("b", Fixed::Has("AKIAB")), ("c", Fixed::Fails)]);
    let found = chain.credentials().await.unwrap();
    assert_eq!((found.source.as_str(), found.credentials.access_key_id.as_str()), ("b", "AKIAB"));
    assert!(!format!("{found:?} {chain:?}").contains(SECRET));
}

#[tokio::test]
async fn one_that_fails_ends_the_search_and_is_named() {
    let chain = chain(&[("a", Fixed::Empty), ("b", Fixed::Fails), ("c", Fixed::Has("AKIAC"))]);
    let error = chain.credentials().await.unwrap_err();
    assert_eq!(error.to_string(), "no aws credentials from b: exit 1; look there");
    assert!(!format!("{error:?}").contains(SECRET));
}

#[tokio::test]
async fn where_nothing_is_found_all_are_named() {
    let error = chain(&[("a", Fixed::Empty), ("b", Fixed::Empty)]).credentials().await.unwrap_err();
    assert!(
        error.to_string().starts_with("no aws credentials from a, b: there are none; set AWS_")
    );
    let only = chain(&[("a", Fixed::Empty)]).credentials().await.unwrap_err();
    assert_eq!(only.check, "look there");
}

#[tokio::test]
async fn the_sources_stand_in_the_order_of_the_sdk() {
    let links = all_links(&AwsChainOptions::default(), &ProviderConfig::empty());
    let names: Vec<_> = links.iter().map(|link| link.name.as_str()).collect();
    assert_eq!(names[0], "environment variables");
    assert!(names[1].starts_with("profile `"), "{names:?}");
    assert_eq!(names[2..], ["web identity", "the container's endpoint", "IMDS"]);
}
