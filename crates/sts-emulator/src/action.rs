//! The actions: parameters and a verified caller in, result fields out.

mod assume_role;
mod check;
mod federation_token;
mod session_token;

use std::time::Duration;

use auth_model::{ExposeSecret, Timestamp};
use bytes::Bytes;
use http::{Method, Request};

use crate::{
    directory::{Credentials, Directory, NewKey},
    error::StsError,
    mint::Mint,
    principal::Principal,
    render::{Tree, Value},
    verify::pairs,
};

/// The parameters of one call: decoded, each name once.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From the query and, for a POST, the body. The signature's own parameters are left out.
    pub(crate) fn read(request: &Request<Bytes>) -> Self {
        let mut all = pairs(request.uri().query().unwrap_or_default().as_bytes());
        all.retain(|(name, _)| !name.starts_with(b"X-Amz-"));
        if request.method() == Method::POST {
            all.extend(pairs(request.body()));
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self(all.into_iter().map(|(name, value)| (text(name), text(value))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A name that stands twice could be read in two ways. How STS answers is not known.
    fn unique(&self) -> Result<(), StsError> {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair.first() == pair.last());
        twice.and_then(|pair| pair.first()).map_or(Ok(()), |name| {
            Err(StsError::validation(format!("Parameter '{name}' must not be repeated")))
        })
    }
}

/// Everything that an action may look at.
pub(crate) struct Call<'a> {
    pub(crate) parameters: &'a Parameters,
    pub(crate) caller: Principal,
    /// Whether the caller signed with temporary credentials.
    pub(crate) temporary: bool,
    pub(crate) now: Timestamp,
    pub(crate) directory: &'a mut Directory,
    pub(crate) mint: &'a Mint,
}

impl Call<'_> {
    /// Does what `Action` names; gives that name and the result.
    pub(crate) fn perform(self) -> Result<(String, Tree), StsError> {
        self.parameters.unique()?;
        let action = self.parameters.get("Action").unwrap_or("NO_ACTION_SPECIFIED");
        let version = self.parameters.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
        if version != "2011-06-15" {
            return Err(StsError::unknown_action(action, version));
        }
        let name = action.to_owned();
        let result = match action {
            "GetCallerIdentity" => caller_identity(&self.caller),
            "AssumeRole" => assume_role::perform(self)?,
            "GetSessionToken" => session_token::perform(self)?,
            "GetFederationToken" => federation_token::perform(self)?,
            _ => return Err(StsError::unknown_action(action, version)),
        };
        Ok((name, result))
    }

    /// New temporary credentials of `principal`.
    fn issue(&mut self, principal: Principal, seconds: u32) -> Result<Value, StsError> {
        let mut new = NewKey::minted(principal, true, self.mint, &self.mint.fresh());
        let end = self.now.plus(Duration::from_secs(seconds.into()));
        // Answers have whole seconds, so the credentials end on one.
        new.expires = Some(Timestamp::from_unix_seconds(end.unix_seconds()));
        let made = self.directory.add_key(new);
        made.map(|credentials| fields(&credentials)).map_err(|_| {
            StsError::new(500, "InternalFailure", "the emulator derived an access key id twice")
        })
    }
}

/// The three fields, in the order in which the real answer has them.
pub(crate) fn caller_identity(caller: &Principal) -> Tree {
    identity(caller.arn(), caller.user_id(), caller.account.to_string())
}

/// As [`caller_identity`], of any values.
pub(crate) fn identity(arn: String, user_id: String, account: String) -> Tree {
    vec![("Arn", arn.into()), ("UserId", user_id.into()), ("Account", account.into())]
}

fn fields(credentials: &Credentials) -> Value {
    let token = credentials.session_token.as_ref().map_or("", |token| token.expose_secret());
    Value::Tree(vec![
        ("AccessKeyId", credentials.access_key_id.clone().into()),
        ("SecretAccessKey", credentials.secret_access_key.expose_secret().to_owned().into()),
        ("SessionToken", token.to_owned().into()),
        ("Expiration", Value::Time(credentials.expires.unwrap_or_default())),
    ])
}
