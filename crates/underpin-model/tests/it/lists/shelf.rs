//! Authors and their books: one column of every kind that filters know.

use jiff::Timestamp;
use rust_decimal::Decimal;
use std::net::IpAddr;
use underpin_model::{Base, DbEnum, Id, Json, Model, Range, Repositories, Repository, TsVector};
use underpin_testkit::TestDb;

#[derive(Debug, Clone, Model)]
#[model(soft_delete)]
pub(super) struct Author {
    #[model(flatten)]
    pub(super) base: Base,
    pub(super) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub(super) enum Shape {
    Paper,
    Audio,
}

#[derive(Debug, Clone, Model)]
#[model(soft_delete)]
pub(super) struct Book {
    #[model(flatten)]
    pub(super) base: Base,
    #[model(search)]
    pub(super) title: String,
    #[model(search)]
    pub(super) blurb: Option<String>,
    pub(super) tags: Vec<String>,
    #[model(references = Author)]
    pub(super) author_id: Id<Author>,
    #[model(references = Author)]
    pub(super) editor_id: Option<Id<Author>>,
    #[model(default = "'paper'::shape")]
    pub(super) shape: Shape,
    pub(super) metadata: Json,
    pub(super) stars: Option<i32>,
    pub(super) price: Decimal,
    pub(super) seen_from: Option<IpAddr>,
    pub(super) lent: Option<Range<Timestamp>>,
    #[model(generated = "to_tsvector('english', title)")]
    pub(super) words: TsVector,
    #[model(private)]
    pub(super) secret: Option<String>,
}

/// The tables, without the indexes: those belong to the tests that ask for them.
const TABLES: &str = "
    CREATE TYPE shape AS ENUM ('paper', 'audio');
    CREATE TABLE authors (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(), created_by text, updated_by text, deleted_at timestamptz,
        is_active boolean NOT NULL DEFAULT true,
        name text NOT NULL
    );
    CREATE TABLE books (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(), created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(), created_by text, updated_by text, deleted_at timestamptz,
        is_active boolean NOT NULL DEFAULT true,
        title text NOT NULL, blurb text, tags text[] NOT NULL DEFAULT '{}',
        author_id uuid NOT NULL REFERENCES authors, editor_id uuid REFERENCES authors,
        shape shape NOT NULL DEFAULT 'paper', metadata jsonb NOT NULL DEFAULT '{}', stars int,
        price numeric NOT NULL DEFAULT 10, seen_from inet, lent tstzrange,
        words tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED, secret text
    );";

/// Two authors, one of them deleted; five books, one of them deleted.
const ROWS: &str = "
    INSERT INTO authors (id, name, deleted_at) VALUES
        ('00000000-0000-0000-0000-0000000000a1', 'ada', NULL),
        ('00000000-0000-0000-0000-0000000000a2', 'bob', NULL),
        ('00000000-0000-0000-0000-0000000000a3', 'cyd', now());
    INSERT INTO books (title, blurb, tags, author_id, editor_id, shape, metadata, stars, price, seen_from, lent, created_at)
    VALUES
        ('first steps', 'all about feet', '{walk,feet}', '00000000-0000-0000-0000-0000000000a1', NULL, 'paper',
         '{\"lang\": \"en\", \"size\": {\"pages\": 10}}', 5, 9.50, '10.1.2.3', '[2026-01-01Z,2026-02-01Z)', '2026-01-01Z'),
        ('second run', NULL, '{run}', '00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-0000000000a2', 'audio',
         '{\"lang\": \"de\", \"new\": true}', NULL, 20, '10.9.9.9', '[2026-02-01Z,2026-03-01Z)', '2026-01-02Z'),
        ('50%_off', 'a \\ in it', '{}', '00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-0000000000a3', 'paper',
         '[]', 3, 1, '192.168.0.1', NULL, '2026-01-03Z'),
        ('fourth', 'FEET again', '{walk,run}', '00000000-0000-0000-0000-0000000000a3', NULL, 'audio',
         '{\"size\": {\"pages\": 500}}', 3, 30.25, NULL, 'empty', '2026-01-04Z');
    INSERT INTO books (title, author_id, deleted_at, created_at)
        VALUES ('gone', '00000000-0000-0000-0000-0000000000a1', now(), '2026-01-05Z');";

pub(super) fn author(number: u8) -> Id<Author> {
    format!("00000000-0000-0000-0000-0000000000a{number}")
        .parse()
        .unwrap()
}

/// A database with tables and no rows.
pub(super) async fn empty_shelf() -> TestDb {
    let db = TestDb::empty().await;
    db.database().batch(TABLES).await.unwrap();
    db
}

/// A database with a few rows of each kind.
pub(super) async fn shelf() -> TestDb {
    let db = empty_shelf().await;
    db.database().batch(ROWS).await.unwrap();
    db
}

pub(super) fn books(db: &TestDb) -> Repository<Book> {
    db.database().repository()
}

pub(super) fn authors(db: &TestDb) -> Repository<Author> {
    db.database().repository()
}

/// The titles of books, for comparing.
pub(super) fn titles<'a>(books: impl IntoIterator<Item = &'a Book>) -> Vec<&'a str> {
    books.into_iter().map(|book| book.title.as_str()).collect()
}
