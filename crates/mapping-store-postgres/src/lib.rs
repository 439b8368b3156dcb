#![doc = include_str!("../README.md")]

mod admins;
mod api_keys;
mod app_keys;
mod audit;
mod authentication;
mod authn;
mod aws_accounts;
mod change;
mod columns;
mod connect;
mod fault;
mod hidden;
mod installation;
mod invitations;
mod kept_assertions;
mod lists;
mod mappings;
mod migrations;
mod organizations;
#[cfg(test)]
mod plans;
mod resolution;
mod roles;
mod saml;
mod sessions;
mod settings;
mod sign_ins;
mod signing_keys;
mod store;
mod teams;
#[cfg(test)]
mod testing;
mod tls;
mod users;

pub use connect::ConnectError;
pub use settings::PostgresConfig;
pub use store::PostgresStore;
