//! Reading rows: columns one after the other, in the order of the statement.

use auth_model::{KeyHash, PermissionId, PermissionSet, RoleId, Timestamp};
use mapping_store::{
    StoreError,
    backend::{broken, stored},
};
use rusqlite::{Connection, Params, Row, types::FromSql};

use crate::fault::Fault;

/// Takes the columns of a row from left to right.
pub(crate) struct Columns<'row, 'statement> {
    row: &'row Row<'statement>,
    at: usize,
}

impl<'row, 'statement> Columns<'row, 'statement> {
    pub(crate) fn new(row: &'row Row<'statement>) -> Self {
        Self { row, at: 0 }
    }

    /// The next column.
    pub(crate) fn take<T: FromSql>(&mut self) -> Result<T, Fault> {
        let value = self.row.get(self.at)?;
        self.at += 1;
        Ok(value)
    }

    /// The next column, a time.
    pub(crate) fn time(&mut self) -> Result<Timestamp, Fault> {
        self.take().map(Timestamp::from_unix_micros)
    }

    /// The next column, a time that may be absent.
    pub(crate) fn time_option(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_unix_micros))
    }

    /// The next column, a number of rows.
    pub(crate) fn count(&mut self) -> Result<u64, Fault> {
        Ok(u64::try_from(self.take::<i64>()?).unwrap_or_default())
    }

    /// The next column, a hash.
    pub(crate) fn hash(&mut self) -> Result<KeyHash, Fault> {
        self.take().map(KeyHash)
    }

    /// The next column, an id that may be absent.
    pub(crate) fn id<T>(&mut self, id: impl FnOnce(uuid::Uuid) -> T) -> Result<Option<T>, Fault> {
        Ok(self.take::<Option<uuid::Uuid>>()?.map(id))
    }

    /// The next column, ids in hexadecimal digits, one after the other.
    pub(crate) fn ids<T>(&mut self, id: impl Fn(uuid::Uuid) -> T) -> Result<Vec<T>, Fault> {
        let text: Option<String> = self.take()?;
        let digits = text.unwrap_or_default();
        let ids = digits.as_bytes().chunks(32).map(|digits| {
            let uuid = uuid::Uuid::try_parse_ascii(digits);
            uuid.map(&id).map_err(|error| broken("reading a list of ids", error).into())
        });
        ids.collect()
    }

    /// The next column, the roles of a user.
    pub(crate) fn roles(&mut self) -> Result<Vec<RoleId>, Fault> {
        self.ids(RoleId)
    }

    /// The next column, permissions in hexadecimal digits.
    pub(crate) fn permissions(&mut self) -> Result<PermissionSet, Fault> {
        Ok(self.ids(PermissionId)?.into_iter().collect())
    }

    /// The next column, the text form of a value.
    pub(crate) fn parse<T>(&mut self, context: &'static str) -> Result<T, Fault>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let text: String = self.take()?;
        Ok(stored(context, &text)?)
    }

    /// The next column, the text form of a value that may be absent.
    pub(crate) fn parse_option<T>(&mut self, context: &'static str) -> Result<Option<T>, Fault>
    where
        T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
    {
        let text: Option<String> = self.take()?;
        Ok(text.map(|text| stored(context, &text)).transpose()?)
    }
}

/// All rows of a query.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl Fn(&mut Columns<'_, '_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(read(&mut Columns::new(row))?);
    }
    Ok(values)
}

/// The first row of a query.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut Columns<'_, '_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(|row| read(&mut Columns::new(row))).transpose()
}

/// Runs a statement that changes rows; how many.
pub(crate) fn run(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<usize, rusqlite::Error> {
    connection.prepare_cached(sql)?.execute(params)
}

/// [`StoreError::Missing`] unless the query finds a row.
pub(crate) fn must_exist(
    connection: &Connection,
    what: &'static str,
    sql: &str,
    params: impl Params,
) -> Result<(), Fault> {
    match connection.prepare_cached(sql)?.exists(params)? {
        true => Ok(()),
        false => Err(StoreError::Missing { what }.into()),
    }
}
