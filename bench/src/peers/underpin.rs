//! Underpin: its pool with sessions only, its pool with lanes, and one session held all the time.

use super::underpin_models::{Article, Author, Comment, Document, Event as EventRow};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHORS_BY_KEY, BALANCE, COMMENTS, CREATE, DOCUMENT, DOCUMENTS_ALL, EDITOR,
    EVENT_COLUMNS, EVENT_PARAMETERS, Event, INSERT, INSERT_UNNEST, LIST, LIST_STATUS, PATCH,
    REPORT, SET_BALANCE, grouped,
};
use anyhow::{Context, ensure};
use futures_util::future::try_join;
use jiff::Timestamp;
use underpin_model::Id;
use underpin_pool::{Database, Error, Executor, Options, Params, Session, ToSql};
use uuid::Uuid;

/// From this many rows on COPY is taken.
const COPY_FROM_ROWS: usize = 500;

#[derive(Debug)]
pub(crate) struct Underpin {
    options: Options,
    db: Database,
}

impl Underpin {
    /// With so many lanes for single statements; none means a session of its own for every statement.
    pub(crate) fn open(
        address: &Address,
        connections: usize,
        lanes: usize,
    ) -> anyhow::Result<Self> {
        let mut options = Options::new(address.parsed().clone());
        options.pool.size = connections;
        options.pool.max_overflow = 0;
        options.pool.lanes = lanes;
        let db = Database::lazy(options.clone())?;
        Ok(Self { options, db })
    }
}

impl Underpin {
    async fn insert_unnest(&self, events: &[Event]) -> Result<u64, Error> {
        let public_ids: Vec<Uuid> = events.iter().map(|event| event.public_id).collect();
        let owner_ids: Vec<i64> = events.iter().map(|event| event.owner_id).collect();
        let titles: Vec<&str> = events.iter().map(|event| event.title.as_str()).collect();
        let amounts: Vec<f64> = events.iter().map(|event| event.amount).collect();
        let active: Vec<bool> = events.iter().map(|event| event.is_active).collect();
        let times: Vec<Timestamp> = events.iter().map(|event| event.happened_at_jiff).collect();
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
            copy.write(&values(event)).await?;
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

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let params: Params<'_> = &[&LIST_STATUS, &true, &limit];
        let documents: Vec<Document> = self.db.query_as(LIST, params).await?;
        Ok(documents.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let params: Params<'_> = &[&id, &title, &EDITOR];
        let changed: Vec<Document> = self.db.query_as(PATCH, params).await?;
        Ok(changed.first().context("no such document")?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let created: Vec<EventRow> = self.db.query_as(CREATE, &values(event)).await?;
        Ok(created.first().context("no event was returned")?.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        self.db.execute(INSERT, &values(event)).await?;
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

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let session = self.db.checkout().await?;
        let keys: [&(dyn ToSql + Sync); 1] = [&authors];
        let (found, articles) = try_join(
            session.query_as::<Author>(AUTHORS_BY_KEY, &keys),
            session.query_as::<Article>(ARTICLES, &keys),
        )
        .await?;
        ensure!(found.len() == authors.len(), "{} authors", found.len());
        let keys: Vec<Id<Article>> = articles.iter().map(|article| article.id).collect();
        let comments: Vec<Comment> = session.query_as(COMMENTS, &[&keys]).await?;
        let count = articles.len() + comments.len();
        drop(grouped(articles, |article| article.author_id));
        drop(grouped(comments, |comment| comment.article_id));
        Ok(count)
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

fn values(event: &Event) -> [&(dyn ToSql + Sync); EVENT_PARAMETERS] {
    [
        &event.public_id,
        &event.owner_id,
        &event.title,
        &event.amount,
        &event.is_active,
        &event.happened_at_jiff,
    ]
}
