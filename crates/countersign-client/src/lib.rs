#![doc = include_str!("../README.md")]

mod api;
mod authenticated;
mod client;
mod config;
mod credentials;
mod error;
mod flight;
mod http;
mod keeper;
mod report;
mod skew;
mod token;

pub use api::{
    ApiClient, ApiKey, AppKey, AuditEvent, Auth, AuthnGrant, AuthnMapping, CurrentUser, Invitation,
    KeyOwner, ListOptions, Permission, PreviewOf, Role, SamlConfiguration, User,
};
pub use authenticated::AuthenticatedClient;
pub use client::Client;
pub use config::{ClientConfig, HttpOptions};
#[cfg(feature = "aws-config")]
pub use credentials::{AwsChain, AwsChainOptions};
pub use credentials::{
    CredentialSource, CredentialsError, EnvironmentCredentials, ExplicitCredentials,
    FoundCredentials,
};
pub use error::{ClientError, Refusal};
pub use keeper::{
    CacheError, CachedKey, ClockSkew, CurrentKey, FileCache, KeeperSettings, KeeperStatus,
    KeyCache, KeyExchange, KeyKeeper, KeySource, KeyState, KeyTarget, Nudger, ObtainedKey, Seal,
};
pub use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
pub use token::{IntakeKey, Token};
