//! Reading rows: columns one after the other, in the order of the statement.

use std::{error::Error, str::FromStr};

use auth_model::{KeyHash, PermissionId, PermissionSet, RoleId, Timestamp};
use mapping_store::{
    StoreError,
    backend::{broken, stored},
};
use tokio_postgres::{Row, types::FromSql};
use uuid::Uuid;

/// Takes the columns of a row from left to right.
pub(crate) struct Columns<'row> {
    row: &'row Row,
    at: usize,
}

impl<'row> Columns<'row> {
    /// The next column.
    pub(crate) fn take<T: FromSql<'row>>(&mut self) -> Result<T, StoreError> {
        let value = self.row.try_get(self.at);
        self.at += 1;
        value.map_err(|error| broken("reading a row of PostgreSQL", error))
    }

    /// The next column, a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp, StoreError> {
        self.take().map(Timestamp::from_unix_micros)
    }

    /// The next column, a time that may be absent.
    pub(crate) fn time_option(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_unix_micros))
    }

    /// The next column, a number of rows.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.take::<i64>()?).unwrap_or_default())
    }

    /// The next column, 32 bytes.
    pub(crate) fn bytes32(&mut self) -> Result<[u8; 32], StoreError> {
        let bytes: &[u8] = self.take()?;
        bytes.try_into().map_err(|error| broken("reading a hash", error))
    }

    /// The next column, a hash.
    pub(crate) fn hash(&mut self) -> Result<KeyHash, StoreError> {
        self.bytes32().map(KeyHash)
    }

    /// The next column, a hash that may be absent.
    pub(crate) fn hash_option(&mut self) -> Result<Option<KeyHash>, StoreError> {
        let bytes: Option<&[u8]> = self.take()?;
        let hash = bytes.map(<[u8; 32]>::try_from).transpose();
        Ok(hash.map_err(|error| broken("reading a hash", error))?.map(KeyHash))
    }

    /// The next column, an id that may be absent.
    pub(crate) fn id<T>(&mut self, id: impl FnOnce(Uuid) -> T) -> Result<Option<T>, StoreError> {
        Ok(self.take::<Option<Uuid>>()?.map(id))
    }

    /// The next column, the roles of a user.
    pub(crate) fn roles(&mut self) -> Result<Vec<RoleId>, StoreError> {
        Ok(self.take::<Vec<Uuid>>()?.into_iter().map(RoleId).collect())
    }

    /// The next column, permissions.
    pub(crate) fn permissions(&mut self) -> Result<PermissionSet, StoreError> {
        Ok(self.take::<Vec<Uuid>>()?.into_iter().map(PermissionId).collect())
    }

    /// The next column, scopes that may be absent.
    pub(crate) fn scopes(&mut self) -> Result<Option<PermissionSet>, StoreError> {
        let ids: Option<Vec<Uuid>> = self.take()?;
        Ok(ids.map(|ids| ids.into_iter().map(PermissionId).collect()))
    }

    /// The next column, the text form of a value.
    pub(crate) fn parse<T>(&mut self, context: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        stored(context, self.take()?)
    }

    /// The next column, the text form of a value that may be absent.
    pub(crate) fn parse_option<T>(&mut self, context: &'static str) -> Result<Option<T>, StoreError>
    where
        T: FromStr<Err: Error + Send + Sync + 'static>,
    {
        self.take::<Option<&str>>()?.map(|text| stored(context, text)).transpose()
    }
}

/// Reads all rows.
pub(crate) fn all<T>(
    rows: &[Row],
    read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| read(&mut Columns { row, at: 0 })).collect()
}

/// Reads a row if there is one.
pub(crate) fn one<T>(
    row: Option<&Row>,
    read: impl FnOnce(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    row.map(|row| read(&mut Columns { row, at: 0 })).transpose()
}

/// Reads a number of rows.
pub(crate) fn number(columns: &mut Columns<'_>) -> Result<u64, StoreError> {
    columns.count()
}
