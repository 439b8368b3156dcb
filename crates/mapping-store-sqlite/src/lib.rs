#![doc = include_str!("../README.md")]

mod audit;
mod authentication;
mod aws_accounts;
mod columns;
mod fault;
mod installation;
mod keys;
mod mappings;
mod migrations;
mod open;
mod organizations;
#[cfg(test)]
mod plans;
mod readers;
mod resolution;
mod roles;
mod signing_keys;
mod store;
mod users;
mod writer;

pub use open::OpenError;
pub use store::SqliteStore;
