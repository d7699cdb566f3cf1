//! Finds a tool's history table and reads it.

use super::project::Project;
use super::tool::Tool;
use crate::Error;
use jiff::Timestamp;
use std::collections::BTreeMap;
use underpin_core::ErrorKind;
use underpin_pool::Session;
use underpin_schema::QualifiedName;

/// Tables of these names; those of the search path first. Rails, too, has `schema_migrations`, and says so beside it.
const TABLES: &str = "\
SELECT n.nspname::text AS schema, c.relname::text AS name,
       array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\") AS columns,
       array_position(current_schemas(false), n.nspname) IS NOT NULL AS on_path,
       EXISTS (SELECT FROM pg_class AS r WHERE r.relnamespace = n.oid AND r.relname = 'ar_internal_metadata') AS rails
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1)
GROUP BY n.oid, n.nspname, c.relname
ORDER BY array_position(current_schemas(false), n.nspname) NULLS LAST, n.nspname, c.relname";

/// Would the ledger's schema come first in the search path of this role, once it is there?
const SHADOWS: &str =
    "SELECT current_user = 'underpin' AND current_setting('search_path') LIKE '%$user%'";

/// A tool's table.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) tool: Tool,
    pub(super) name: QualifiedName,
    on_path: bool,
}

/// One row of a tool's history.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// The migration, as the table names it.
    pub(super) key: String,
    /// As text.
    pub(super) checksum: Option<String>,
    pub(super) applied_at: Option<Timestamp>,
    /// Does the tool say that it ended half-way?
    pub(super) failed: bool,
    /// What kind of row it is, where there are several.
    pub(super) kind: Option<String>,
}

/// The migrations that are applied, by the tool's name for them, and when that was.
pub(super) type Applied = BTreeMap<String, Option<Timestamp>>;

/// Finds the one table that is meant.
///
/// # Errors
/// [`ErrorKind::NotFound`] when there is none, [`ErrorKind::Refused`] when it is not clear which.
pub(super) async fn find(session: &Session, wanted: Option<Tool>) -> Result<Table, Error> {
    let (mut tables, strange) = tables(session).await?;
    tables.retain(|it| wanted.is_none_or(|tool| it.tool == tool));
    // The same tool in several schemas: the search path decides, as it does for the tool.
    if tables.iter().any(|it| it.on_path) {
        tables.retain(|it| it.on_path);
    }
    let several_tools = tables
        .iter()
        .any(|it| Some(it.tool) != tables.first().map(|it| it.tool));
    if several_tools {
        return Err(ambiguous(&tables, "say which tool with --from TOOL"));
    }
    if tables.len() > 1 && !tables.iter().any(|it| it.on_path) {
        let hint = "put the schema of the one that is meant into the search path of the role that connects";
        return Err(ambiguous(&tables, hint));
    }
    tables
        .into_iter()
        .next()
        .ok_or_else(|| none(wanted, &strange))
}

/// Makes sure that the tool finds its tables where they are, when the ledger's schema is beside them: it would make a new
/// history in there otherwise, and run everything again.
///
/// # Errors
/// [`ErrorKind::Refused`] for a role of the schema's name.
pub(super) async fn check_search_path(session: &Session) -> Result<(), Error> {
    let row = session.query_one(SHADOWS, &[]).await;
    if !row.and_then(|row| row.get(0)).map_err(unreadable)? {
        return Ok(());
    }
    let message =
        "the role underpin finds Underpin's own schema, which has its name, before all others";
    Err(Error::new(ErrorKind::Refused, message).with_hint(
        "the tool would begin anew in that schema; say ALTER ROLE underpin SET search_path = public, or let both connect \
         as another role, then adopt again",
    ))
}

/// The known tables, and the names of those that only look like one.
pub(super) async fn tables(session: &Session) -> Result<(Vec<Table>, Vec<String>), Error> {
    let names: Vec<&str> = Tool::ALL.iter().map(|tool| tool.format().table()).collect();
    let rows = session.query(TABLES, &[&names]).await.map_err(unreadable)?;
    let mut tables = Vec::new();
    let mut strange = Vec::new();
    for row in rows {
        let columns: Vec<String> = row.get("columns").map_err(unreadable)?;
        let schema: String = row.get("schema").map_err(unreadable)?;
        let table: String = row.get("name").map_err(unreadable)?;
        let rails: bool = row.get("rails").map_err(unreadable)?;
        let on_path = row.get("on_path").map_err(unreadable)?;
        let tool = Tool::ALL.into_iter().find(|tool| {
            let format = tool.format();
            format.table() == table && format.columns() == columns
        });
        let name = QualifiedName::new(schema, table);
        match tool.filter(|it| !(rails && *it == Tool::Dbmate)) {
            Some(tool) => tables.push(Table {
                tool,
                name,
                on_path,
            }),
            None => strange.push(format!("{name} ({})", columns.join(", "))),
        }
    }
    Ok((tables, strange))
}

/// Reads the rows of a table.
pub(super) async fn read(session: &Session, table: &Table) -> Result<Vec<Row>, Error> {
    let sql = table.tool.format().history();
    let sql = sql.replace("{table}", &table.name.to_string());
    let rows = session.query(&sql, &[]).await.map_err(unreadable)?;
    let row = |row: &underpin_pool::Row| {
        Ok(Row {
            key: row.get("key")?,
            checksum: row.get("checksum")?,
            applied_at: row.get("applied_at")?,
            failed: row.get("failed")?,
            kind: row.get("kind")?,
        })
    };
    rows.iter()
        .map(row)
        .collect::<Result<_, _>>()
        .map_err(unreadable)
}

/// Holds rows against files.
///
/// # Errors
/// [`ErrorKind::Refused`] for a migration that ended half-way; [`ErrorKind::HistoryConflict`] for one without a file, and
/// for one whose file was changed.
pub(super) fn matched(tool: Tool, rows: Vec<Row>, project: &Project) -> Result<Applied, Error> {
    let format = tool.format();
    let mut applied = Applied::new();
    for row in rows {
        if row.failed {
            let message = format!("{tool} says that migration {} ended half-way", row.key);
            return Err(Error::new(ErrorKind::Refused, message).with_hint(format.mend()));
        }
        let Some(change) = project.get(&row.key) else {
            let message = format!(
                "{tool} has applied migration {}, and no file is that",
                row.key
            );
            return Err(Error::conflict(message).with_hint(format.find(&row)));
        };
        if !format.is_unchanged(&row, change) {
            let file = change.file.display();
            let message =
                format!("{file} was changed after {tool} applied it: the checksum is another");
            return Err(Error::conflict(message)
                .with_hint("restore the file as it was applied; what was meant to change belongs into a new migration"));
        }
        applied.insert(row.key, row.applied_at);
    }
    Ok(applied)
}

fn ambiguous(tables: &[Table], hint: &'static str) -> Error {
    let names: Vec<String> = tables
        .iter()
        .map(|it| format!("{} ({})", it.name, it.tool))
        .collect();
    let message = format!(
        "more than one history is in this database: {}",
        names.join(", ")
    );
    Error::new(ErrorKind::Refused, message).with_hint(hint)
}

fn none(wanted: Option<Tool>, strange: &[String]) -> Error {
    let what = wanted.map_or_else(|| String::from("a migration tool"), |tool| tool.to_string());
    let strange = match strange {
        [] => String::new(),
        tables => format!("; {} belongs to none that is known", tables.join(" and ")),
    };
    let message = format!("the history of {what} is not in this database{strange}");
    Error::new(ErrorKind::NotFound, message).with_hint(
        "connect as the tool does; for a database whose tables were made in another way there is `underpin migrate stamp`",
    )
}

fn unreadable(error: underpin_pool::Error) -> Error {
    Error::caused_by("the history of another tool could not be read", error)
}
