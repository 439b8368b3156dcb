//! How the people of an organization sign in by SAML.

use std::str::FromStr;

use crate::{OrgId, RoleId, Timestamp, user::set};

/// What an organization has decided about sign-in by SAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlConfiguration {
    /// Whose.
    pub org: OrgId,
    /// Whether people may sign in by SAML.
    pub enabled: bool,
    /// Whether they may sign in by nothing else.
    pub strict: bool,
    /// Whether a sign-in may begin at the identity provider.
    pub idp_initiated: bool,
    /// E-mail domains, in lower case, whose people are made users when they first sign in.
    pub autocreate_domains: Vec<String>,
    /// The role that such a new user is given while mappings are not enforced. It may have been deleted since.
    pub autocreate_role: Option<RoleId>,
    /// What becomes of those whom no mapping gives anything, while mappings are enforced.
    pub unmatched_users: UnmatchedUsers,
    /// Whether accepted assertions are kept with their values, for previews.
    pub keep_assertions: bool,
    /// The attribute that holds the e-mail address; `None`: the NameID does.
    pub email_attribute: Option<String>,
    /// Whether sign-ins replace roles by what the mappings give.
    pub enforcement: Enforcement,
    /// The identity provider's metadata, as it was uploaded.
    pub metadata: Option<IdpMetadata>,
}

/// The metadata of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpMetadata {
    /// The XML.
    pub xml: String,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
}

/// Whether sign-ins replace roles by what the mappings give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Enforcement {
    /// Roles stay as they are; what would have become of them is recorded.
    #[default]
    Off,
    /// They do, but the last who manages access goes on managing it.
    On,
    /// They do, whoever is left: switched on although nobody might be.
    Forced,
}

/// What becomes of those whom no mapping gives anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnmatchedUsers {
    /// They are signed in without roles.
    #[default]
    SignIn,
    /// They are refused.
    Refuse,
}

/// The text is none of the words that stand for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {expected}")]
pub struct WordError {
    /// The words.
    expected: &'static str,
}

/// Words for values, as they are stored and as they stand on the wire.
macro_rules! words {
    ($name:ident, $expected:literal, $($value:ident $word:literal)*) => {
        impl $name {
            #[doc = concat!("One of ", $expected, ".")]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }

        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                match text {
                    $($word => Ok(Self::$value),)*
                    _ => Err(WordError::new($expected)),
                }
            }
        }
    };
}
pub(crate) use words;

words!(Enforcement, "`off`, `on`, `forced`", Off "off" On "on" Forced "forced");
words!(UnmatchedUsers, "`sign_in`, `refuse`", SignIn "sign_in" Refuse "refuse");

impl Enforcement {
    /// Whether sign-ins replace roles at all.
    pub fn is_on(self) -> bool {
        self != Self::Off
    }
}

impl WordError {
    pub(crate) const fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl SamlConfiguration {
    /// That of an organization which has decided nothing: nobody signs in by SAML.
    pub fn new(org: OrgId) -> Self {
        Self {
            org,
            enabled: false,
            strict: false,
            idp_initiated: false,
            autocreate_domains: Vec::new(),
            autocreate_role: None,
            unmatched_users: UnmatchedUsers::default(),
            keep_assertions: false,
            email_attribute: None,
            enforcement: Enforcement::default(),
            metadata: None,
        }
    }
}

/// What is to become of a configuration; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SamlChange {
    /// Whether people may sign in by SAML.
    pub enabled: Option<bool>,
    /// Whether they may sign in by nothing else.
    pub strict: Option<bool>,
    /// Whether a sign-in may begin at the identity provider.
    pub idp_initiated: Option<bool>,
    /// In lower case.
    pub autocreate_domains: Option<Vec<String>>,
    /// `Some(None)` takes it away.
    pub autocreate_role: Option<Option<RoleId>>,
    /// What becomes of those whom no mapping gives anything.
    pub unmatched_users: Option<UnmatchedUsers>,
    /// Whether accepted assertions are kept with their values.
    pub keep_assertions: Option<bool>,
    /// `Some(None)`: the NameID is the e-mail address.
    pub email_attribute: Option<Option<String>>,
    /// Whether sign-ins replace roles.
    pub enforcement: Option<Enforcement>,
    /// The identity provider's metadata.
    pub metadata: Option<IdpMetadata>,
}

impl SamlChange {
    /// Changes the configuration.
    pub fn apply(&self, configuration: &mut SamlConfiguration) {
        set(&mut configuration.enabled, &self.enabled);
        set(&mut configuration.strict, &self.strict);
        set(&mut configuration.idp_initiated, &self.idp_initiated);
        set(&mut configuration.autocreate_domains, &self.autocreate_domains);
        set(&mut configuration.autocreate_role, &self.autocreate_role);
        set(&mut configuration.unmatched_users, &self.unmatched_users);
        set(&mut configuration.keep_assertions, &self.keep_assertions);
        set(&mut configuration.email_attribute, &self.email_attribute);
        set(&mut configuration.enforcement, &self.enforcement);
        if self.metadata.is_some() {
            configuration.metadata.clone_from(&self.metadata);
        }
    }
}
