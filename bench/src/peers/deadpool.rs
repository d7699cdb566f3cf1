//! tokio-postgres in deadpool-postgres, with its statement cache and its default recycling.

use super::driver_rows::{Document, EventRow, Relations, copy, values};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHORS_BY_KEY, BALANCE, COMMENTS, CREATE, DOCUMENT, DOCUMENTS_ALL, EDITOR, Event,
    INSERT, LIST, LIST_STATUS, PATCH, REPORT, SET_BALANCE,
};
use deadpool_postgres::{Manager, Pool};
use tokio_postgres::NoTls;
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct Deadpool(Pool);

impl Deadpool {
    pub(crate) fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        let manager = Manager::new(address.url().parse()?, NoTls);
        Ok(Self(Pool::builder(manager).max_size(connections).build()?))
    }
}

impl Peer for Deadpool {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(DOCUMENT).await?;
        let row = client.query_one(&statement, &[&id]).await?;
        Ok(Document::read(&row)?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(DOCUMENTS_ALL).await?;
        let rows = client.query(&statement, &[&limit]).await?;
        let documents: Vec<_> = rows.iter().map(Document::read).collect::<Result<_, _>>()?;
        Ok(documents.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(LIST).await?;
        let rows = client
            .query(&statement, &[&LIST_STATUS, &true, &limit])
            .await?;
        let documents: Vec<_> = rows.iter().map(Document::read).collect::<Result<_, _>>()?;
        Ok(documents.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(PATCH).await?;
        let row = client
            .query_one(&statement, &[&id, &title, &EDITOR])
            .await?;
        Ok(Document::read(&row)?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(CREATE).await?;
        let row = client.query_one(&statement, &values(event)).await?;
        Ok(EventRow::read(&row)?.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(INSERT).await?;
        client.execute(&statement, &values(event)).await?;
        Ok(())
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        let client = self.0.get().await?;
        copy(&client, events).await
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let client = self.0.get().await?;
        let relations = Relations {
            authors: client.prepare_cached(AUTHORS_BY_KEY).await?,
            articles: client.prepare_cached(ARTICLES).await?,
            comments: client.prepare_cached(COMMENTS).await?,
        };
        relations.load(&client, authors).await
    }

    async fn transaction(&self, account: i64) -> anyhow::Result<()> {
        let mut client = self.0.get().await?;
        let read = client.prepare_cached(BALANCE).await?;
        let write = client.prepare_cached(SET_BALANCE).await?;
        let tx = client.transaction().await?;
        let balance: i64 = tx.query_one(&read, &[&account]).await?.try_get(0)?;
        tx.execute(&write, &[&(balance + 1), &account]).await?;
        Ok(tx.commit().await?)
    }

    async fn checkout(&self) -> anyhow::Result<()> {
        drop(self.0.get().await?);
        Ok(())
    }

    async fn report(&self) -> anyhow::Result<usize> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(REPORT).await?;
        Ok(client.query(&statement, &[]).await?.len())
    }
}
