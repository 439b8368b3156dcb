#![doc = include_str!("../README.md")]

mod attempt;
mod begin;
mod by_assertion;
mod by_keys;
mod cookie;
mod decision;
mod outlook;
mod pasted;
mod person;
mod refusal;
mod return_path;
mod secret;
mod seen;
mod session;
mod told;
mod use_case;

pub use attempt::Attempt;
pub use begin::{Begun, Way};
pub use by_assertion::{Posted, SignedIn};
pub use outlook::{Outlook, outlook};
pub use pasted::Pasted;
pub use refusal::Refusal;
pub use return_path::{ReturnPath, ReturnPathError};
pub use seen::{Foreseen, Seen};
pub use session::{CheckedSession, Renewal};
pub use told::{Told, ToldError};
pub use use_case::{Parts, Settings, SingleSignOn};
