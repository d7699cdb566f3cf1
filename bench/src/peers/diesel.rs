//! diesel-async in its deadpool, with its default check of a returned connection.

use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{EDITOR, Event, LIST_STATUS, REPORT, VALUES_ROWS_MAX};
use anyhow::ensure;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use uuid::Uuid;

diesel::table! {
    document (id) {
        id -> BigInt,
        public_id -> Uuid,
        owner_id -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        created_by -> Text,
        updated_by -> Nullable<Text>,
        is_active -> Bool,
        version -> Integer,
        title -> Text,
        slug -> Text,
        summary -> Text,
        body -> Text,
        status -> Text,
        kind -> Text,
        priority -> SmallInt,
        score -> Double,
        rating -> Nullable<Float>,
        views -> BigInt,
        size_bytes -> Integer,
        language -> Text,
        country -> Nullable<Text>,
        email -> Text,
        url -> Nullable<Text>,
        tags -> Array<Text>,
        metadata -> Jsonb,
        digest -> Binary,
    }
}

diesel::table! {
    event (id) {
        id -> BigInt,
        public_id -> Uuid,
        owner_id -> BigInt,
        title -> Text,
        amount -> Double,
        is_active -> Bool,
        happened_at -> Timestamptz,
    }
}

diesel::table! {
    author (id) {
        id -> Uuid,
        name -> Text,
        email -> Text,
    }
}

diesel::table! {
    article (id) {
        id -> Uuid,
        author_id -> Uuid,
        title -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    comment (id) {
        id -> Uuid,
        article_id -> Uuid,
        body -> Text,
    }
}

diesel::table! {
    account (id) {
        id -> BigInt,
        balance -> BigInt,
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = document, check_for_backend(diesel::pg::Pg))]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Document {
    id: i64,
    public_id: Uuid,
    owner_id: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    deleted_at: Option<DateTime<Utc>>,
    created_by: String,
    updated_by: Option<String>,
    is_active: bool,
    version: i32,
    title: String,
    slug: String,
    summary: String,
    body: String,
    status: String,
    kind: String,
    priority: i16,
    score: f64,
    rating: Option<f32>,
    views: i64,
    size_bytes: i32,
    language: String,
    country: Option<String>,
    email: String,
    url: Option<String>,
    tags: Vec<String>,
    metadata: Value,
    digest: Vec<u8>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = event, check_for_backend(diesel::pg::Pg))]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct EventRow {
    id: i64,
    public_id: Uuid,
    owner_id: i64,
    title: String,
    amount: f64,
    is_active: bool,
    happened_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = event)]
struct NewEvent<'a> {
    public_id: Uuid,
    owner_id: i64,
    title: &'a str,
    amount: f64,
    is_active: bool,
    happened_at: DateTime<Utc>,
}

impl<'a> From<&'a Event> for NewEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            public_id: event.public_id,
            owner_id: event.owner_id,
            title: &event.title,
            amount: event.amount,
            is_active: event.is_active,
            happened_at: event.happened_at,
        }
    }
}

#[derive(Debug, Queryable, Selectable, Identifiable)]
#[diesel(table_name = author, check_for_backend(diesel::pg::Pg))]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Author {
    id: Uuid,
    name: String,
    email: String,
}

#[derive(Debug, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = article, belongs_to(Author), check_for_backend(diesel::pg::Pg))]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Article {
    id: Uuid,
    author_id: Uuid,
    title: String,
    created_at: DateTime<Utc>,
}

#[derive(Debug, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comment, belongs_to(Article), check_for_backend(diesel::pg::Pg))]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Comment {
    id: Uuid,
    article_id: Uuid,
    body: String,
}

#[derive(Debug, QueryableByName)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct ReportLine {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = BigInt)]
    documents: i64,
    #[diesel(sql_type = Double)]
    score: f64,
    #[diesel(sql_type = BigInt)]
    characters: i64,
}

pub(crate) struct DieselAsync {
    address: Address,
    pool: Pool<AsyncPgConnection>,
}

impl DieselAsync {
    pub(crate) fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(address.url());
        let pool = Pool::builder(manager).max_size(connections).build()?;
        let address = address.clone();
        Ok(Self { address, pool })
    }
}

impl Peer for DieselAsync {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let mut connection = self.pool.get().await?;
        let found = document::table
            .find(id)
            .select(Document::as_select())
            .first(&mut connection)
            .await?;
        Ok(found.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let mut connection = self.pool.get().await?;
        let documents = document::table
            .select(Document::as_select())
            .limit(limit)
            .load(&mut connection)
            .await?;
        Ok(documents.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let mut connection = self.pool.get().await?;
        let documents = document::table
            .filter(document::status.eq(LIST_STATUS))
            .filter(document::is_active.eq(true))
            .order(document::created_at.desc())
            .select(Document::as_select())
            .limit(limit)
            .load(&mut connection)
            .await?;
        Ok(documents.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let mut connection = self.pool.get().await?;
        let changed = diesel::update(document::table.find(id))
            .set((
                document::title.eq(title),
                document::updated_at.eq(Utc::now()),
                document::updated_by.eq(EDITOR),
            ))
            .returning(Document::as_returning())
            .get_result(&mut connection)
            .await?;
        Ok(changed.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let mut connection = self.pool.get().await?;
        let created = diesel::insert_into(event::table)
            .values(NewEvent::from(event))
            .returning(EventRow::as_returning())
            .get_result(&mut connection)
            .await?;
        Ok(created.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        let mut connection = self.pool.get().await?;
        diesel::insert_into(event::table)
            .values(NewEvent::from(event))
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        let mut connection = self.pool.get().await?;
        let mut inserted = 0;
        for chunk in events.chunks(VALUES_ROWS_MAX) {
            let rows: Vec<NewEvent<'_>> = chunk.iter().map(NewEvent::from).collect();
            inserted += diesel::insert_into(event::table)
                .values(&rows)
                .execute(&mut connection)
                .await?;
        }
        ensure!(inserted == events.len(), "{inserted} rows inserted");
        Ok(())
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let mut connection = self.pool.get().await?;
        let authors = author::table
            .filter(author::id.eq_any(authors))
            .select(Author::as_select())
            .load(&mut connection)
            .await?;
        let articles = Article::belonging_to(&authors)
            .select(Article::as_select())
            .load(&mut connection)
            .await?;
        let comments = Comment::belonging_to(&articles)
            .select(Comment::as_select())
            .load(&mut connection)
            .await?;
        let count = articles.len() + comments.len();
        drop(comments.grouped_by(&articles));
        drop(articles.grouped_by(&authors));
        Ok(count)
    }

    async fn transaction(&self, id: i64) -> anyhow::Result<()> {
        let mut connection = self.pool.get().await?;
        connection
            .transaction(async |connection| {
                let balance: i64 = account::table
                    .find(id)
                    .select(account::balance)
                    .for_update()
                    .first(connection)
                    .await?;
                diesel::update(account::table.find(id))
                    .set(account::balance.eq(balance + 1))
                    .execute(connection)
                    .await?;
                Ok::<_, diesel::result::Error>(())
            })
            .await?;
        Ok(())
    }

    async fn checkout(&self) -> anyhow::Result<()> {
        drop(self.pool.get().await?);
        Ok(())
    }

    async fn connect(&self) -> anyhow::Result<()> {
        AsyncPgConnection::establish(&self.address.url()).await?;
        Ok(())
    }

    async fn report(&self) -> anyhow::Result<usize> {
        let mut connection = self.pool.get().await?;
        let lines: Vec<ReportLine> = diesel::sql_query(REPORT).load(&mut connection).await?;
        Ok(lines.len())
    }
}
