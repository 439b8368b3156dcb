//! A profile of the shared files, and what its failures mean.

use std::path::{Path, PathBuf};

use aws_config::{profile::ProfileFileCredentialsProvider, provider_config::ProviderConfig};
use aws_credential_types::provider::{self, ProvideCredentials, future};

use super::{
    SdkError,
    trouble::{Causes, Trouble},
    web_identity,
};

/// A profile. The SDK passes one over that is not there, also where it was asked for by name.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) config: ProviderConfig,
    /// By an option.
    pub(super) wanted: Option<String>,
    /// In place of the shared files.
    pub(super) file: Option<PathBuf>,
    pub(super) name: String,
    /// By an option or by `AWS_PROFILE`.
    pub(super) named: bool,
}

impl Profile {
    async fn credentials(&self) -> provider::Result {
        match self.provider().provide_credentials().await {
            Err(error @ SdkError::CredentialsNotLoaded(_)) if self.named => {
                Err(self.nothing(&Causes::of(&error)))
            }
            other => other,
        }
    }

    /// A new one each time: it reads the files once in its life, and whoever renews credentials there would not be heard.
    fn provider(&self) -> ProfileFileCredentialsProvider {
        let mut provider = ProfileFileCredentialsProvider::builder().configure(&self.config);
        if let Some(name) = &self.wanted {
            provider = provider.profile_name(name);
        }
        if let Some(file) = &self.file {
            provider = provider.profile_files(files(file));
        }
        provider.build()
    }

    fn nothing(&self, causes: &Causes<'_>) -> SdkError {
        if causes.say("was not defined") {
            let text = causes.innermost();
            let missing = text.split('`').nth(1).filter(|missing| *missing != self.name);
            let problem = match missing {
                Some(other) => format!("it needs a profile `{other}`, which there is not"),
                None => "there is no such profile".to_owned(),
            };
            return Trouble::new(problem, check(&self.name)).failure();
        }
        Trouble::new("it holds no credentials", check(&self.name)).absence()
    }
}

impl ProvideCredentials for Profile {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[expect(deprecated, reason = "the new name is in a crate that has nothing else for us")]
pub(super) fn files(file: &Path) -> aws_config::profile::profile_file::ProfileFiles {
    use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
    ProfileFiles::builder().with_file(ProfileFileKind::Config, file).build()
}

const FILES: &str = "check ~/.aws/config and ~/.aws/credentials, or what AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, for a line that is neither `[profile name]` nor `key = value`; `aws configure list` says which";

pub(super) fn check(name: &str) -> String {
    format!(
        "check ~/.aws/config for `[profile {name}]`, and that `aws sts get-caller-identity --profile {name}` works; for SSO run `aws sso login --profile {name}`"
    )
}

pub(super) fn trouble(name: &str, causes: &Causes<'_>, timed_out: bool) -> Option<Trouble> {
    if timed_out {
        let check = format!(
            "check that the credential_process of `[profile {name}]` ends by itself, or that SSO and STS can be reached"
        );
        return Some(Trouble::new("no answer in time", check));
    }
    if causes.say("external process") {
        return Some(process(name, causes));
    }
    if causes.say("SSO") || causes.say("UnauthorizedException") {
        return Some(sso(name, causes));
    }
    if causes.say("could not parse profile file") {
        return Some(Trouble::new("the shared files can not be read", FILES));
    }
    if causes.say("cargo feature") {
        let check = format!(
            "run `aws configure export-credentials --profile {name} --format process`; if that works, let it be the credential_process of another profile"
        );
        return Some(Trouble::new("it is of a kind that only AWS's own tools know", check));
    }
    web_identity::assumed_role(name, causes).or_else(|| {
        let text = causes.innermost();
        let (_, problem) = text.split_once("could not be built: ")?;
        Some(Trouble::new(problem, check(name)))
    })
}

/// Of what the process wrote nothing is shown: nobody knows what it holds.
fn process(name: &str, causes: &Causes<'_>) -> Trouble {
    let by_hand = format!("run the credential_process of `[profile {name}]` by hand");
    let Some(code) = causes.word_after("exit status: ") else {
        let problem = if causes.say("exited with code") {
            "its credential process was killed"
        } else {
            "its credential process printed something else than credentials"
        };
        let check = format!(
            "{by_hand}: it should print JSON with Version 1, AccessKeyId and SecretAccessKey, and nothing else"
        );
        return Trouble::new(problem, check);
    };
    let check = match code.as_str() {
        "126" | "127" => {
            format!(
                "check that the program in credential_process of `[profile {name}]` is there and may be run"
            )
        }
        _ => format!("{by_hand} to see what it complains of"),
    };
    Trouble::new(format!("its credential process failed with exit status: {code}"), check)
}

fn sso(name: &str, causes: &Causes<'_>) -> Trouble {
    let problem = if causes.unreachable() {
        let problem = format!("SSO can not be reached: {}", causes.innermost());
        return Trouble::new(problem, "check the network, and sso_region");
    } else if causes.say("has expired") || causes.say("UnauthorizedException") {
        "the sign-in to SSO has expired".to_owned()
    } else if causes.say("failed to load the cached SSO token") || causes.say("failed to read") {
        "nobody has signed in to SSO here, or what was kept of it can not be read".to_owned()
    } else if causes.say("ForbiddenException") {
        "SSO does not give the role to whoever signed in".to_owned()
    } else {
        causes.innermost()
    };
    let check = format!(
        "run `aws sso login --profile {name}`; check sso_account_id, sso_role_name and sso_region of `[profile {name}]`"
    );
    Trouble::new(problem, check)
}
