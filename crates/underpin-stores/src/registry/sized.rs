//! Pages that are bounded in bytes as well as in rows: a document may have a mebibyte, and a page a hundred of them.

use super::models::RegistryServerVersion as Row;
use super::read::{Page, unread};
use super::server::ServerVersion;
use crate::Error;
use underpin_model::{Find, Place};
use underpin_pool::Executor;

/// Bytes of documents after which a page ends; it exceeds them by one document at most. Documents have about two thousand.
pub const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Reads a page: `find` asks for one row more than `limit`, and `order` is its order as SQL.
///
/// The server adds up the sizes, which it knows without reading the documents, and sends no more than the page may have.
pub(crate) async fn page<P: Place>(
    db: &impl Place,
    find: &Find<'_, Row, P>,
    order: &str,
    limit: u32,
    cursor: impl Fn(&ServerVersion) -> String,
) -> Result<Page<ServerVersion>, Error> {
    let statement = find.statement_as::<ServerVersion>();
    let sql = within_bytes(statement.sql(), order);
    let read = db.executor().query_as(&sql, &statement.values()).await;
    let mut entries: Vec<ServerVersion> = read.map_err(unread)?;
    let bytes: usize = entries.iter().map(|entry| entry.document.get().len()).sum();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    // Where the bytes ended the page exactly at the end of the list, the next page is empty.
    let has_more = entries.len() > limit || bytes >= PAGE_BYTES_MAX;
    entries.truncate(limit);
    let next_cursor = entries.last().filter(|_| has_more).map(cursor);
    Ok(Page {
        entries,
        next_cursor,
    })
}

fn within_bytes(list: &str, order: &str) -> String {
    let columns = <ServerVersion as underpin_model::FromRow>::COLUMNS
        .iter()
        .map(|column| format!("\"{}\"", column.name()))
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "SELECT {columns} FROM (SELECT *, sum(octet_length(document)) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING) \
         - octet_length(document) AS bytes_before FROM ({list}) AS listed) AS measured \
         WHERE bytes_before < {PAGE_BYTES_MAX} ORDER BY {order}"
    )
}
