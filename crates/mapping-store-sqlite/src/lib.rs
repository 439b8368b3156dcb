#![doc = include_str!("../README.md")]

mod api_keys;
mod app_keys;
mod audit;
mod authentication;
mod authn;
mod aws_accounts;
mod columns;
mod fault;
mod installation;
mod invitations;
mod kept_assertions;
mod lists;
mod mappings;
mod migrations;
mod open;
mod organizations;
#[cfg(test)]
mod plans;
mod readers;
mod resolution;
mod roles;
mod saml;
mod sessions;
mod sign_ins;
mod signing_keys;
mod store;
mod teams;
mod users;
mod writer;

pub use open::OpenError;
pub use store::SqliteStore;
