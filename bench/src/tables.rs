//! The statements every peer runs, and the rows they write. The tables are in `schema.sql`.

use chrono::{DateTime, TimeDelta, Utc};
use jiff::{Span, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use uuid::Uuid;

/// Rows of `document`.
pub const DOCUMENTS: u64 = 10_000;
/// Rows of `author`.
pub const AUTHORS: u64 = 1_000;
/// Rows of `account`.
pub const ACCOUNTS: u64 = 1_000;
/// What a relation load must find for each author: 10 articles, 10 comments of each.
pub const RELATED: usize = 10 + 10 * 10;

macro_rules! document_columns {
    () => {
        "id, public_id, owner_id, created_at, updated_at, deleted_at, created_by, updated_by, is_active, version, \
         title, slug, summary, body, status, kind, priority, score, rating, views, size_bytes, language, country, \
         email, url, tags, metadata, digest"
    };
}

pub const DOCUMENT: &str = concat!(
    "SELECT ",
    document_columns!(),
    " FROM document WHERE id = $1"
);
pub const DOCUMENTS_ALL: &str = concat!("SELECT ", document_columns!(), " FROM document LIMIT $1");

/// The newest of those that fulfil a condition.
pub const LIST: &str = concat!(
    "SELECT ",
    document_columns!(),
    " FROM document WHERE status = $1 AND is_active = $2 ORDER BY created_at DESC LIMIT $3"
);
pub const LIST_STATUS: &str = "published";
/// One column is changed, and who did it when.
pub const PATCH: &str = concat!(
    "UPDATE document SET title = $2, updated_at = clock_timestamp(), updated_by = $3 WHERE id = $1 RETURNING ",
    document_columns!()
);
pub const EDITOR: &str = "user-7";

pub const INSERT: &str = "INSERT INTO event (public_id, owner_id, title, amount, is_active, happened_at) \
     VALUES ($1, $2, $3, $4, $5, $6)";
pub const CREATE: &str = "INSERT INTO event (public_id, owner_id, title, amount, is_active, happened_at) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id, public_id, owner_id, title, amount, is_active, happened_at";
pub const INSERT_UNNEST: &str = "INSERT INTO event (public_id, owner_id, title, amount, is_active, happened_at) \
     SELECT * FROM unnest($1::uuid[], $2::int8[], $3::text[], $4::float8[], $5::bool[], $6::timestamptz[])";
pub const COPY: &str = "COPY event (public_id, owner_id, title, amount, is_active, happened_at) \
     FROM STDIN (FORMAT binary)";
pub const EVENT_COLUMNS: [&str; EVENT_PARAMETERS] = [
    "public_id",
    "owner_id",
    "title",
    "amount",
    "is_active",
    "happened_at",
];
/// Parameters one row takes in a VALUES list.
pub const EVENT_PARAMETERS: usize = 6;
/// The most rows a VALUES list takes: PostgreSQL counts parameters with 16 bits.
pub const VALUES_ROWS_MAX: usize = 65_535 / EVENT_PARAMETERS;

pub const AUTHORS_BY_KEY: &str = "SELECT id, name, email FROM author WHERE id = ANY($1)";
pub const ARTICLES: &str =
    "SELECT id, author_id, title, created_at FROM article WHERE author_id = ANY($1)";
pub const COMMENTS: &str = "SELECT id, article_id, body FROM comment WHERE article_id = ANY($1)";

pub const BALANCE: &str = "SELECT balance FROM account WHERE id = $1 FOR UPDATE";
pub const SET_BALANCE: &str = "UPDATE account SET balance = $1 WHERE id = $2";

/// Some 20 ms of the server's time.
pub const REPORT: &str = "SELECT status, count(*) AS documents, avg(score) AS score, \
     sum(length(body || summary || n::text)) AS characters \
     FROM document, generate_series(1, 3) AS n GROUP BY status";
/// Rows the report returns: one a status.
pub const REPORT_ROWS: usize = 4;

/// Rows by what they belong to, which everybody who loads relations wants in the end.
pub fn grouped<K: Eq + Hash, T>(rows: Vec<T>, parent: impl Fn(&T) -> K) -> HashMap<K, Vec<T>> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in rows {
        groups.entry(parent(&row)).or_default().push(row);
    }
    groups
}

/// A row to insert. The time is there in both libraries' types, so that nobody pays for a conversion.
#[derive(Debug, Clone)]
pub struct Event {
    pub public_id: Uuid,
    pub owner_id: i64,
    pub title: String,
    pub amount: f64,
    pub is_active: bool,
    pub happened_at: DateTime<Utc>,
    pub happened_at_jiff: Timestamp,
}

impl Event {
    pub fn numbered(n: u64) -> Self {
        let small = i64::try_from(n % 1_000_000).unwrap_or_default();
        let seconds = 1_770_000_000 + small;
        Self {
            public_id: Uuid::from_u64_pair(n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n),
            owner_id: small % 1_000,
            title: format!("Event number {n} of the benchmark"),
            amount: n as f64 / 3.0,
            is_active: n.is_multiple_of(2),
            happened_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds),
            happened_at_jiff: Timestamp::UNIX_EPOCH + Span::new().seconds(seconds),
        }
    }

    /// Numbered from 1: the UUID of 0 would be the nil one, which models refuse.
    pub fn many(count: usize) -> Vec<Self> {
        (1..=count as u64).map(Self::numbered).collect()
    }
}
