//! Rows of the driver itself into structs, by position: for the two peers that are used this way.

use crate::tables::{COPY, EVENT_PARAMETERS, Event, grouped};
use anyhow::ensure;
use chrono::{DateTime, Utc};
use futures_util::future::try_join;
use futures_util::pin_mut;
use serde_json::Value;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};
use uuid::Uuid;

#[derive(Debug)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
pub(crate) struct Document {
    pub(crate) id: i64,
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

impl Document {
    pub(crate) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            public_id: row.try_get(1)?,
            owner_id: row.try_get(2)?,
            created_at: row.try_get(3)?,
            updated_at: row.try_get(4)?,
            deleted_at: row.try_get(5)?,
            created_by: row.try_get(6)?,
            updated_by: row.try_get(7)?,
            is_active: row.try_get(8)?,
            version: row.try_get(9)?,
            title: row.try_get(10)?,
            slug: row.try_get(11)?,
            summary: row.try_get(12)?,
            body: row.try_get(13)?,
            status: row.try_get(14)?,
            kind: row.try_get(15)?,
            priority: row.try_get(16)?,
            score: row.try_get(17)?,
            rating: row.try_get(18)?,
            views: row.try_get(19)?,
            size_bytes: row.try_get(20)?,
            language: row.try_get(21)?,
            country: row.try_get(22)?,
            email: row.try_get(23)?,
            url: row.try_get(24)?,
            tags: row.try_get(25)?,
            metadata: row.try_get(26)?,
            digest: row.try_get(27)?,
        })
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
pub(crate) struct EventRow {
    id: i64,
    public_id: Uuid,
    pub(crate) owner_id: i64,
    title: String,
    amount: f64,
    is_active: bool,
    happened_at: DateTime<Utc>,
}

impl EventRow {
    pub(crate) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            public_id: row.try_get(1)?,
            owner_id: row.try_get(2)?,
            title: row.try_get(3)?,
            amount: row.try_get(4)?,
            is_active: row.try_get(5)?,
            happened_at: row.try_get(6)?,
        })
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
pub(crate) struct Author {
    id: Uuid,
    name: String,
    email: String,
}

impl Author {
    pub(crate) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            email: row.try_get(2)?,
        })
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
pub(crate) struct Article {
    pub(crate) id: Uuid,
    author_id: Uuid,
    title: String,
    created_at: DateTime<Utc>,
}

impl Article {
    pub(crate) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            author_id: row.try_get(1)?,
            title: row.try_get(2)?,
            created_at: row.try_get(3)?,
        })
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read from the wire, which is what is measured")]
pub(crate) struct Comment {
    id: Uuid,
    article_id: Uuid,
    body: String,
}

impl Comment {
    pub(crate) fn read(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            article_id: row.try_get(1)?,
            body: row.try_get(2)?,
        })
    }
}

/// The three statements of a relation load, prepared.
#[derive(Debug, Clone)]
pub(crate) struct Relations {
    pub(crate) authors: Statement,
    pub(crate) articles: Statement,
    pub(crate) comments: Statement,
}

impl Relations {
    /// The first two statements at once: the keys of both are known.
    pub(crate) async fn load(&self, client: &Client, authors: &[Uuid]) -> anyhow::Result<usize> {
        let (found, articles) = try_join(
            client.query(&self.authors, &[&authors]),
            client.query(&self.articles, &[&authors]),
        )
        .await?;
        let found: Vec<_> = found.iter().map(Author::read).collect::<Result<_, _>>()?;
        ensure!(found.len() == authors.len(), "{} authors", found.len());
        let articles: Vec<_> = articles
            .iter()
            .map(Article::read)
            .collect::<Result<_, _>>()?;
        let keys: Vec<Uuid> = articles.iter().map(|article| article.id).collect();
        let comments = client.query(&self.comments, &[&keys]).await?;
        let comments: Vec<_> = comments
            .iter()
            .map(Comment::read)
            .collect::<Result<_, _>>()?;
        let count = articles.len() + comments.len();
        drop(grouped(articles, |article| article.author_id));
        drop(grouped(comments, |comment| comment.article_id));
        Ok(count)
    }
}

/// The parameters of an insert.
pub(crate) fn values(event: &Event) -> [&(dyn ToSql + Sync); EVENT_PARAMETERS] {
    [
        &event.public_id,
        &event.owner_id,
        &event.title,
        &event.amount,
        &event.is_active,
        &event.happened_at,
    ]
}

/// Inserts by binary COPY: the driver's fastest form.
pub(crate) async fn copy(client: &Client, events: &[Event]) -> anyhow::Result<()> {
    let sink = client.copy_in(COPY).await?;
    let types = [
        Type::UUID,
        Type::INT8,
        Type::TEXT,
        Type::FLOAT8,
        Type::BOOL,
        Type::TIMESTAMPTZ,
    ];
    let writer = BinaryCopyInWriter::new(sink, &types);
    pin_mut!(writer);
    for event in events {
        writer.as_mut().write(&values(event)).await?;
    }
    let copied = writer.finish().await?;
    ensure!(copied == events.len() as u64, "{copied} rows copied");
    Ok(())
}
