#![doc = include_str!("../README.md")]

mod attempt;
mod choice;
mod explain;
mod flights;
mod limits;
mod managed;
mod refusal;
mod report;
mod ring;
mod trail;
mod use_case;

pub use attempt::Attempt;
pub use choice::{NoMapping, choose};
pub use explain::{Explained, Explanation, KindExplanation, MAX_NEAR, NearMiss, explain};
pub use limits::{LimitSettings, SourceLimit};
pub use refusal::{Refusal, RefusalKind};
pub use report::FallbackReport;
pub use ring::{RingError, RingSettings, SigningRing};
pub use use_case::{Exchange, GrantedKey, GrantedToken, Parts, ReplayPolicy, Settings};
