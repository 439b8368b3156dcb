//! Lists: statements put together from fixed texts, with every value bound.

use mapping_store::{
    Listed, StoreError,
    backend::lists::{List, Part},
};
use tokio_postgres::{Row, types::ToSql};

use crate::{
    PostgresStore,
    columns::{Columns, all, number},
};

/// A statement and its values.
#[derive(Default)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    values: Vec<Box<dyn ToSql + Send + Sync>>,
    /// Whether a text is looked for that no row can hold, and that the server would refuse to read.
    finds_nothing: bool,
}

impl Statement {
    pub(crate) fn push(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    pub(crate) fn bind(&mut self, value: impl ToSql + Send + Sync + 'static) -> &mut Self {
        self.values.push(Box::new(value));
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    pub(crate) fn parts<'a>(&mut self, parts: impl IntoIterator<Item = &'a Part>) -> &mut Self {
        for part in parts {
            match part {
                Part::Sql(sql) => self.push(sql),
                Part::Id(id) => self.bind(*id),
                Part::Number(number) => self.bind(*number),
                Part::Flag(flag) => self.bind(*flag),
                // The planner knows how many rows there are on either side.
                Part::Join => self.push(" JOIN "),
                Part::Holds(column, text) => {
                    self.finds_nothing |= text.contains('\0');
                    self.push("strpos(").push(column).push(", ").bind(text.clone()).push(") > 0")
                }
                Part::OneOf(column, ids) => {
                    self.push(column).push(" = ANY(").bind(ids.clone()).push(")")
                }
            };
        }
        self
    }

    pub(crate) fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| -> &(dyn ToSql + Sync) { &**value }).collect()
    }
}

/// Which columns a list shows.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// What is selected.
    pub(crate) columns: &'static str,
    /// The rows of the page and their name, where columns are dear: then they are worked out for no row before the page.
    pub(crate) page: Option<(&'static str, &'static str)>,
}

/// The statement of a part of a list.
pub(crate) fn page(shape: Shape, list: &List) -> Statement {
    let (limit, offset) = list.bounds();
    let mut page = Statement::default();
    page.push("SELECT ").push(shape.columns);
    if let Some((rows, _)) = shape.page {
        page.push(" FROM (SELECT ").push(rows);
    }
    page.parts(list.wanted()).push(list.order);
    page.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset);
    if let Some((_, name)) = shape.page {
        page.push(") ").push(name).push(list.order);
    }
    page
}

impl PostgresStore {
    /// A part of a list and how long it is, both as of one moment.
    pub(crate) async fn listed<T>(
        &self,
        shape: Shape,
        list: &List,
        read: impl Fn(&mut Columns<'_>) -> Result<T, StoreError>,
    ) -> Result<Listed<T>, StoreError> {
        let mut statements = vec![Statement::default(), page(shape, list), Statement::default()];
        if let [total, _, count] = statements.as_mut_slice() {
            total.parts(&list.total);
            count.push("SELECT count(*)").parts(list.wanted());
        }
        if list.narrowing.is_empty() {
            statements.truncate(2);
        }
        statements.retain(|statement| !statement.finds_nothing);
        let mut answers = self.ask(&statements).await?.into_iter();
        let mut next = || answers.next().unwrap_or_default();
        let (total, rows, count) = (next(), next(), next());
        let total = counted(&total)?;
        let filtered = if list.narrowing.is_empty() { total } else { counted(&count)? };
        Ok(Listed { rows: all(&rows, read)?, total, filtered })
    }
}

/// The number in the only row; 0 if there is none.
fn counted(rows: &[Row]) -> Result<u64, StoreError> {
    Ok(all(rows, number)?.first().copied().unwrap_or_default())
}
