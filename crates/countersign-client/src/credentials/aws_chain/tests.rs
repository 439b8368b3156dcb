//! Which source wins, and which is named.

use aws_credential_types::provider::future;

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A source that always does the same.
#[derive(Clone, Copy, Debug)]
enum Fixed {
    Empty,
    /// With a word on why.
    Absent(&'static str),
    Fails,
    Hangs,
    Has(&'static str),
}

impl ProvideCredentials for Fixed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(match self {
            Self::Empty => Err(SdkError::not_loaded_no_source()),
            Self::Absent(why) => Err(Trouble::new(*why, "look there").absence()),
            Self::Fails => Err(SdkError::provider_error(format!(
                "external process exited with code exit status: 1. Stderr: {SECRET}"
            ))),
            Self::Hangs => return future::ProvideCredentials::new(std::future::pending()),
            Self::Has(id) => Ok(Credentials::new(*id, SECRET, None, None, "fixed")),
        })
    }
}

fn profile(name: &str) -> Source {
    Source::Profile(name.to_owned())
}

fn chain<const N: usize>(links: [(Source, Fixed); N]) -> AwsChain {
    let links = links.into_iter().map(|(source, fixed)| Link::new(source, fixed));
    AwsChain { links: links.collect(), region: None }
}

#[tokio::test]
async fn the_first_that_has_credentials_wins_and_is_named() {
    let chain = chain([
        (Source::Environment, Fixed::Empty),
        (profile("b"), Fixed::Has("AKIAB")),
        (Source::Imds, Fixed::Fails),
    ]);
    let found = chain.credentials().await.unwrap();
    let id = found.credentials.access_key_id.as_str();
    assert_eq!((found.source.as_str(), id), ("profile `b`", "AKIAB"));
    assert!(!format!("{found:?} {chain:?}").contains(SECRET));
}

#[tokio::test]
async fn one_that_fails_ends_the_search_and_is_named() {
    let chain = chain([
        (Source::Environment, Fixed::Empty),
        (profile("b"), Fixed::Fails),
        (Source::Imds, Fixed::Has("AKIAC")),
    ]);
    let error = chain.credentials().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no aws credentials from profile `b`: its credential process failed with exit status: 1; run the credential_process of `[profile b]` by hand to see what it complains of"
    );
    assert!(!format!("{error:?}").contains(SECRET));
}

#[tokio::test]
async fn where_nothing_is_found_all_are_named() {
    let two = chain([(Source::Environment, Fixed::Empty), (profile("b"), Fixed::Empty)]);
    let error = two.credentials().await.unwrap_err();
    assert!(
        error.to_string().starts_with(
            "no aws credentials from environment variables, profile `b`: there are none; set AWS_"
        ),
        "{error}"
    );
    let only = chain([(profile("b"), Fixed::Empty)]).credentials().await.unwrap_err();
    assert_eq!(only.check, profile::check("b"));
}

#[tokio::test]
async fn why_a_source_has_nothing_is_told_when_no_other_has() {
    let chain = chain([
        (Source::Environment, Fixed::Absent("half is missing")),
        (Source::Imds, Fixed::Empty),
    ]);
    let error = chain.credentials().await.unwrap_err();
    assert!(error.problem.contains("; environment variables: half is missing"), "{error}");
    assert!(error.check.starts_with("look there; or "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_that_never_answers_is_given_up_and_named() {
    let chain = chain([(profile("b"), Fixed::Hangs), (Source::Imds, Fixed::Has("AKIAC"))]);
    let error = chain.credentials().await.unwrap_err();
    assert_eq!(
        (error.tried.as_str(), error.problem.as_str()),
        ("profile `b`", "no answer in time")
    );
    assert!(error.check.contains("credential_process"), "{error}");
}

#[tokio::test]
async fn the_sources_stand_in_the_order_of_the_sdk() {
    let options = AwsChainOptions::default();
    let links = all_links(&options, &ProviderConfig::empty(), Metadata::of_process());
    let names: Vec<_> = links.iter().map(|link| link.source.name()).collect();
    assert_eq!(names[0], "environment variables");
    assert!(names[1].starts_with("profile `"), "{names:?}");
    assert_eq!(names[2..], ["web identity", "the container's endpoint", "IMDS"]);
}
