//! Lists: statements put together from fixed texts, with every value bound.

use mapping_store::{
    Listed,
    backend::{
        broken,
        lists::{List, Part},
    },
};
use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{
    columns::{Columns, all, one},
    fault::Fault,
};

/// A statement and its values.
#[derive(Default)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    values: Vec<Value>,
}

impl Statement {
    pub(crate) fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.push("?")
    }

    pub(crate) fn parts<'a>(
        &mut self,
        parts: impl IntoIterator<Item = &'a Part>,
    ) -> Result<&mut Self, Fault> {
        for part in parts {
            match part {
                Part::Sql(sql) => self.push(sql),
                Part::Id(id) => self.bind(id.into_bytes().to_vec()),
                Part::Number(number) => self.bind(*number),
                Part::Flag(flag) => self.bind(*flag),
                // The words by which SQLite keeps the order of a join.
                Part::Join => self.push(" CROSS JOIN "),
                Part::Holds(column, text) => {
                    self.push("instr(").push(column).push(", ").bind(text.clone()).push(") > 0")
                }
                Part::OneOf(column, ids) => {
                    self.push(column).push(" IN (SELECT unhex(value) FROM json_each(");
                    self.bind(id_list(ids)?).push("))")
                }
            };
        }
        Ok(self)
    }

    /// All its rows.
    pub(crate) fn all<T>(
        &self,
        connection: &Connection,
        read: impl Fn(&mut Columns<'_, '_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        all(connection, &self.sql, params_from_iter(&self.values), read)
    }

    /// The number in its only row; 0 if there is none.
    fn number(&self, connection: &Connection) -> Result<u64, Fault> {
        let values = params_from_iter(&self.values);
        Ok(one(connection, &self.sql, values, |columns| columns.count())?.unwrap_or_default())
    }
}

/// Ids as a list in JSON, each in hexadecimal digits.
pub(crate) fn id_list(ids: &[uuid::Uuid]) -> Result<String, Fault> {
    let digits: Vec<_> = ids.iter().map(|id| id.simple().to_string()).collect();
    let list = serde_json::to_string(&digits);
    list.map_err(|error| broken("writing ids as JSON", error).into())
}

/// The statement of a part of a list.
pub(crate) fn page(columns: &'static str, list: &List) -> Result<Statement, Fault> {
    let (limit, offset) = list.bounds();
    let mut page = Statement::default();
    page.push("SELECT ").push(columns).parts(list.wanted())?.push(list.order);
    page.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    Ok(page)
}

/// A part of a list and how long it is, both as of one moment.
pub(crate) fn listed<T>(
    connection: &Connection,
    columns: &'static str,
    list: &List,
    read: impl Fn(&mut Columns<'_, '_>) -> Result<T, Fault>,
) -> Result<Listed<T>, Fault> {
    let moment = connection.unchecked_transaction()?;
    let rows = page(columns, list)?.all(connection, read)?;
    let total = Statement::default().parts(&list.total)?.number(connection)?;
    let filtered = match list.narrowing.is_empty() {
        true => total,
        false => {
            let mut count = Statement::default();
            count.push("SELECT count(*)").parts(list.wanted())?.number(connection)?
        }
    };
    moment.finish()?;
    Ok(Listed { rows, total, filtered })
}
