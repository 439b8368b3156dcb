//! Values of statements that nobody reads in a log: the driver writes the `Debug` of each value down, and among them are people's
//! attributes, addresses and hashes of secrets.

use std::{error::Error, fmt};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type};

use crate::store::Values;

/// A value whose `Debug` shows nothing.
pub(crate) struct Hidden<'a>(&'a (dyn ToSql + Sync));

/// The same values, hidden.
pub(crate) fn hidden<'a>(values: Values<'a>) -> Vec<Hidden<'a>> {
    values.iter().map(|value| Hidden(*value)).collect()
}

/// In the form that statements take.
pub(crate) fn borrowed<'a>(values: &'a [Hidden<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Hidden<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql_checked(ty, out)
    }

    /// The value itself is asked when it is written.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.0.to_sql_checked(ty, out)
    }
}
