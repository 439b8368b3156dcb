#![doc = include_str!("../README.md")]

mod app;
mod audit_query;
mod bootstrap;
mod caller;
mod change;
pub mod config;
mod cookies;
mod endpoint;
mod error;
mod intake;
mod invitations;
mod list;
mod master_key;
mod metrics;
mod middleware;
mod openapi;
mod page;
mod reply;
mod request;
mod routes;
mod start;
mod text;
mod tls;
mod uses;
mod wire;

pub use app::App;
pub use bootstrap::{Bootstrap, BootstrapError, FirstOrganization, NewOrganization};
pub use config::{Config, ConfigError};
pub use endpoint::{Family, Need, RouteInfo, route_table};
pub use intake::IntakeCounts;
pub use master_key::{MasterKeyError, load_master_key, write_master_key};
pub use openapi::text as openapi;
pub use start::{Running, StartError, open_store, start};
pub use tls::TlsError;
