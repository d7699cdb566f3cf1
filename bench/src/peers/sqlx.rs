//! sqlx: its pool as it comes, its pool at its best, and one connection without a pool.

use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHORS_BY_KEY, BALANCE, COMMENTS, CREATE, DOCUMENT, DOCUMENTS_ALL, EDITOR, Event,
    INSERT, INSERT_UNNEST, LIST, LIST_STATUS, PATCH, REPORT, SET_BALANCE, grouped,
};
use anyhow::ensure;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection, FromRow, PgConnection};
use tokio::sync::Mutex;
use uuid::Uuid;

#[derive(Debug, FromRow)]
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

#[derive(Debug, FromRow)]
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

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Author {
    id: Uuid,
    name: String,
    email: String,
}

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Article {
    id: Uuid,
    author_id: Uuid,
    title: String,
    created_at: DateTime<Utc>,
}

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
struct Comment {
    id: Uuid,
    article_id: Uuid,
    body: String,
}

#[derive(Debug)]
pub(crate) struct Sqlx {
    address: Address,
    pool: PgPool,
}

impl Sqlx {
    /// The pool with its default settings: a ping before each use, and one after.
    pub(crate) fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        Self::with(address, connections, true)
    }

    /// Without the ping before each use; the one after cannot be switched off.
    pub(crate) fn open_best(address: &Address, connections: usize) -> anyhow::Result<Self> {
        Self::with(address, connections, false)
    }

    fn with(address: &Address, connections: usize, test: bool) -> anyhow::Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(u32::try_from(connections)?)
            .test_before_acquire(test)
            .connect_lazy(&address.url())?;
        let address = address.clone();
        Ok(Self { address, pool })
    }
}

impl Peer for Sqlx {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let query = sqlx::query_as::<_, Document>(DOCUMENT).bind(id);
        Ok(query.fetch_one(&self.pool).await?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let query = sqlx::query_as::<_, Document>(DOCUMENTS_ALL).bind(limit);
        Ok(query.fetch_all(&self.pool).await?.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let query = sqlx::query_as::<_, Document>(LIST)
            .bind(LIST_STATUS)
            .bind(true)
            .bind(limit);
        Ok(query.fetch_all(&self.pool).await?.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let query = sqlx::query_as::<_, Document>(PATCH)
            .bind(id)
            .bind(title)
            .bind(EDITOR);
        Ok(query.fetch_one(&self.pool).await?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let created: EventRow = sqlx::query_as(CREATE)
            .bind(event.public_id)
            .bind(event.owner_id)
            .bind(&event.title)
            .bind(event.amount)
            .bind(event.is_active)
            .bind(event.happened_at)
            .fetch_one(&self.pool)
            .await?;
        Ok(created.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        sqlx::query(INSERT)
            .bind(event.public_id)
            .bind(event.owner_id)
            .bind(&event.title)
            .bind(event.amount)
            .bind(event.is_active)
            .bind(event.happened_at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// By UNNEST, which its FAQ advises over `push_values`.
    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        let public_ids: Vec<Uuid> = events.iter().map(|event| event.public_id).collect();
        let owner_ids: Vec<i64> = events.iter().map(|event| event.owner_id).collect();
        let titles: Vec<&str> = events.iter().map(|event| event.title.as_str()).collect();
        let amounts: Vec<f64> = events.iter().map(|event| event.amount).collect();
        let active: Vec<bool> = events.iter().map(|event| event.is_active).collect();
        let times: Vec<DateTime<Utc>> = events.iter().map(|event| event.happened_at).collect();
        sqlx::query(INSERT_UNNEST)
            .bind(public_ids)
            .bind(owner_ids)
            .bind(titles)
            .bind(amounts)
            .bind(active)
            .bind(times)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let mut connection = self.pool.acquire().await?;
        let found = sqlx::query_as::<_, Author>(AUTHORS_BY_KEY)
            .bind(authors)
            .fetch_all(&mut *connection)
            .await?;
        ensure!(found.len() == authors.len(), "{} authors", found.len());
        let articles = sqlx::query_as::<_, Article>(ARTICLES)
            .bind(authors)
            .fetch_all(&mut *connection)
            .await?;
        let keys: Vec<Uuid> = articles.iter().map(|article| article.id).collect();
        let comments = sqlx::query_as::<_, Comment>(COMMENTS)
            .bind(keys)
            .fetch_all(&mut *connection)
            .await?;
        let count = articles.len() + comments.len();
        drop(grouped(articles, |article| article.author_id));
        drop(grouped(comments, |comment| comment.article_id));
        Ok(count)
    }

    async fn transaction(&self, account: i64) -> anyhow::Result<()> {
        let mut tx = self.pool.begin().await?;
        let balance: i64 = sqlx::query_scalar(BALANCE)
            .bind(account)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query(SET_BALANCE)
            .bind(balance + 1)
            .bind(account)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn checkout(&self) -> anyhow::Result<()> {
        drop(self.pool.acquire().await?);
        Ok(())
    }

    async fn connect(&self) -> anyhow::Result<()> {
        let connection = PgConnection::connect(&self.address.url()).await?;
        Ok(connection.close().await?)
    }

    async fn report(&self) -> anyhow::Result<usize> {
        Ok(sqlx::query(REPORT).fetch_all(&self.pool).await?.len())
    }
}

/// One connection, held all the time: what the library costs without its pool.
#[derive(Debug)]
pub(crate) struct SqlxConnection(Mutex<PgConnection>);

impl SqlxConnection {
    pub(crate) async fn open(address: &Address) -> anyhow::Result<Self> {
        Ok(Self(Mutex::new(
            PgConnection::connect(&address.url()).await?,
        )))
    }
}

impl Peer for SqlxConnection {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let mut connection = self.0.lock().await;
        let query = sqlx::query_as::<_, Document>(DOCUMENT).bind(id);
        Ok(query.fetch_one(&mut *connection).await?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let mut connection = self.0.lock().await;
        let query = sqlx::query_as::<_, Document>(DOCUMENTS_ALL).bind(limit);
        Ok(query.fetch_all(&mut *connection).await?.len())
    }
}
