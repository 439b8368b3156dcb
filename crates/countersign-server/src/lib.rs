#![doc = include_str!("../README.md")]

mod app;
mod bootstrap;
mod caller;
pub mod config;
mod endpoint;
mod error;
mod master_key;
mod middleware;
mod reply;
mod request;
mod routes;
mod start;
mod tls;
mod wire;

pub use app::App;
pub use bootstrap::{Bootstrap, BootstrapError, FirstOrganization};
pub use config::{Config, ConfigError};
pub use endpoint::{Family, Need, RouteInfo, route_table};
pub use master_key::{MasterKeyError, load_master_key, write_master_key};
pub use start::{Running, StartError, open_store, start};
pub use tls::TlsError;
