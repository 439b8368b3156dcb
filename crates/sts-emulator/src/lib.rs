#![doc = include_str!("../README.md")]

mod action;
mod clock;
mod control;
mod directory;
mod emulator;
mod endpoint;
mod engine;
mod error;
mod fault;
mod fixture;
mod instant;
mod mint;
mod principal;
mod record;
mod render;
mod serve;
mod tls;
mod verify;

pub use clock::ClockSetting;
pub use directory::{CredentialRequest, Credentials, PrincipalRequest};
pub use emulator::{Builder, StartError, StsEmulator};
pub use endpoint::{Endpoint, UnknownHost};
pub use error::StsError;
pub use fault::{Fault, FaultKind};
pub use fixture::{
    AccountFixture, Fixture, FixtureError, KeyFixture, RoleFixture, Secret, SessionFixture,
    UserFixture,
};
pub use principal::{Principal, PrincipalKind};
pub use record::RecordedRequest;
pub use sts_proof::{HostTable, StsHost};
pub use verify::{AccessKey, KeyLookup, Policy, SignatureForm, Verified, verify};
