//! Underpin: its pool with sessions only, its pool with lanes, and one session held all the time.

use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHOR, BALANCE, COMMENTS, DOCUMENT, DOCUMENTS_ALL, EVENT_COLUMNS, Event, INSERT,
    INSERT_UNNEST, REPORT, SET_BALANCE,
};
use anyhow::{Context, ensure};
use futures_util::future::try_join;
use jiff::Timestamp;
use serde_json::Value;
use underpin_core::config::PoolSettings;
use underpin_pool::{ColumnSpec, Database, Error, Executor, FromRow, Options, Session, Values};
use uuid::Uuid;

/// A struct and how it is read from a row, each field from the column of its name.
macro_rules! row {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read from the wire, which is what is measured")]
        struct $name {
            $($field: $type),+
        }

        impl FromRow for $name {
            const COLUMNS: &'static [ColumnSpec] = &[$(ColumnSpec::of::<$type>(stringify!($field))),+];

            fn from_row(values: &mut Values<'_>) -> Result<Self, Error> {
                Ok(Self { $($field: values.take()?),+ })
            }
        }
    };
}

row! {
    Document {
        id: i64,
        public_id: Uuid,
        owner_id: i64,
        created_at: Timestamp,
        updated_at: Timestamp,
        deleted_at: Option<Timestamp>,
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
}

row! {
    Author {
        id: i64,
        name: String,
        email: String,
    }
}

row! {
    Article {
        id: i64,
        author_id: i64,
        title: String,
        created_at: Timestamp,
    }
}

row! {
    Comment {
        id: i64,
        article_id: i64,
        body: String,
    }
}

/// From this many rows on COPY is taken.
const COPY_FROM_ROWS: usize = 500;

#[derive(Debug)]
pub(crate) struct Underpin {
    options: Options,
    db: Database,
}

impl Underpin {
    /// Every statement on a session of its own.
    pub(crate) fn open_sessions(address: &Address, connections: usize) -> anyhow::Result<Self> {
        Self::with(address, connections, 0)
    }

    /// Single statements on lanes, as many as the default says.
    pub(crate) fn open_lanes(
        address: &Address,
        connections: usize,
    ) -> anyhow::Result<Option<Self>> {
        let lanes = PoolSettings::default().lanes;
        let peer = Self::with(address, connections, lanes)?;
        Ok(peer.has_lanes().then_some(peer))
    }

    fn with(address: &Address, connections: usize, lanes: usize) -> anyhow::Result<Self> {
        let mut options = Options::new(address.parsed().clone());
        options.pool.size = connections;
        options.pool.max_overflow = 0;
        options.pool.lanes = lanes;
        let db = Database::lazy(options.clone())?;
        Ok(Self { options, db })
    }

    /// The setting is older than what it switches: a pool with lanes says so in its status.
    fn has_lanes(&self) -> bool {
        let status = serde_json::to_value(self.db.status()).unwrap_or_default();
        self.options.pool.lanes > 0 && status.get("lanes").is_some()
    }
}

impl Underpin {
    async fn insert_unnest(&self, events: &[Event]) -> Result<u64, Error> {
        let public_ids: Vec<Uuid> = events.iter().map(|event| event.public_id).collect();
        let owner_ids: Vec<i64> = events.iter().map(|event| event.owner_id).collect();
        let titles: Vec<&str> = events.iter().map(|event| event.title.as_str()).collect();
        let amounts: Vec<f64> = events.iter().map(|event| event.amount).collect();
        let active: Vec<bool> = events.iter().map(|event| event.is_active).collect();
        let times: Vec<Timestamp> = events.iter().map(|event| event.created_at_jiff).collect();
        self.db
            .execute(
                INSERT_UNNEST,
                &[&public_ids, &owner_ids, &titles, &amounts, &active, &times],
            )
            .await
    }

    async fn insert_copy(&self, events: &[Event]) -> Result<u64, Error> {
        let session = self.db.checkout().await?;
        let mut copy = session.copy_in("event", &EVENT_COLUMNS).await?;
        for event in events {
            copy.write(&[
                &event.public_id,
                &event.owner_id,
                &event.title,
                &event.amount,
                &event.is_active,
                &event.created_at_jiff,
            ])
            .await?;
        }
        copy.finish().await
    }
}

impl Peer for Underpin {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        document(&self.db, id).await
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        documents(&self.db, limit).await
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        self.db
            .execute(
                INSERT,
                &[
                    &event.public_id,
                    &event.owner_id,
                    &event.title,
                    &event.amount,
                    &event.is_active,
                    &event.created_at_jiff,
                ],
            )
            .await?;
        Ok(())
    }

    /// Few rows by UNNEST, which needs one round trip; more by COPY, which needs two.
    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        let inserted = if events.len() < COPY_FROM_ROWS {
            self.insert_unnest(events).await?
        } else {
            self.insert_copy(events).await?
        };
        ensure!(inserted == events.len() as u64, "{inserted} rows inserted");
        Ok(())
    }

    async fn relations(&self, author: i64) -> anyhow::Result<usize> {
        let session = self.db.checkout().await?;
        let key: [&(dyn underpin_pool::ToSql + Sync); 1] = [&author];
        let (found, articles) = try_join(
            session.query_as::<Author>(AUTHOR, &key),
            session.query_as::<Article>(ARTICLES, &key),
        )
        .await?;
        ensure!(found.len() == 1, "{} authors", found.len());
        let keys: Vec<i64> = articles.iter().map(|article| article.id).collect();
        let comments: Vec<Comment> = session.query_as(COMMENTS, &[&keys]).await?;
        Ok(articles.len() + comments.len())
    }

    async fn transaction(&self, account: i64) -> anyhow::Result<()> {
        let tx = self.db.begin().await?;
        let row = tx.query_one(BALANCE, &[&account]).await?;
        let balance: i64 = row.get(0)?;
        tx.execute(SET_BALANCE, &[&(balance + 1), &account]).await?;
        Ok(tx.commit().await?)
    }

    async fn checkout(&self) -> anyhow::Result<()> {
        drop(self.db.checkout().await?);
        Ok(())
    }

    async fn connect(&self) -> anyhow::Result<()> {
        Session::connect(&self.options).await?.close();
        Ok(())
    }

    async fn report(&self) -> anyhow::Result<usize> {
        Ok(self.db.query(REPORT, &[]).await?.len())
    }
}

/// One session, held all the time: what a statement costs without the pool.
#[derive(Debug)]
pub(crate) struct UnderpinSession(Session);

impl UnderpinSession {
    pub(crate) async fn open(address: &Address) -> anyhow::Result<Self> {
        let options = Options::new(address.parsed().clone());
        Ok(Self(Session::connect(&options).await?))
    }
}

impl Peer for UnderpinSession {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        document(&self.0, id).await
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        documents(&self.0, limit).await
    }
}

async fn document(executor: &impl Executor, id: i64) -> anyhow::Result<i64> {
    let found: Vec<Document> = executor.query_as(DOCUMENT, &[&id]).await?;
    Ok(found.first().context("no such document")?.id)
}

async fn documents(executor: &impl Executor, limit: i64) -> anyhow::Result<usize> {
    let documents: Vec<Document> = executor.query_as(DOCUMENTS_ALL, &[&limit]).await?;
    Ok(documents.len())
}
