//! tokio-postgres alone: one connection on a task of its own, shared by everybody, statements prepared up front.

use super::driver_rows::{Document, EventRow, Relations, copy, values};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHORS_BY_KEY, COMMENTS, CREATE, DOCUMENT, DOCUMENTS_ALL, EDITOR, Event, INSERT,
    LIST, LIST_STATUS, PATCH, REPORT,
};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct Raw {
    address: Address,
    client: Client,
    document: Statement,
    documents: Statement,
    list: Statement,
    patch: Statement,
    create: Statement,
    insert: Statement,
    relations: Relations,
    report: Statement,
}

impl Raw {
    pub(crate) async fn open(address: &Address) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(&address.url(), NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            address: address.clone(),
            document: client.prepare(DOCUMENT).await?,
            documents: client.prepare(DOCUMENTS_ALL).await?,
            list: client.prepare(LIST).await?,
            patch: client.prepare(PATCH).await?,
            create: client.prepare(CREATE).await?,
            insert: client.prepare(INSERT).await?,
            relations: Relations {
                authors: client.prepare(AUTHORS_BY_KEY).await?,
                articles: client.prepare(ARTICLES).await?,
                comments: client.prepare(COMMENTS).await?,
            },
            report: client.prepare(REPORT).await?,
            client,
        })
    }
}

impl Peer for Raw {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let row = self.client.query_one(&self.document, &[&id]).await?;
        Ok(Document::read(&row)?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let rows = self.client.query(&self.documents, &[&limit]).await?;
        let documents: Vec<_> = rows.iter().map(Document::read).collect::<Result<_, _>>()?;
        Ok(documents.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let params: [&(dyn ToSql + Sync); 3] = [&LIST_STATUS, &true, &limit];
        let rows = self.client.query(&self.list, &params).await?;
        let documents: Vec<_> = rows.iter().map(Document::read).collect::<Result<_, _>>()?;
        Ok(documents.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let params: [&(dyn ToSql + Sync); 3] = [&id, &title, &EDITOR];
        let row = self.client.query_one(&self.patch, &params).await?;
        Ok(Document::read(&row)?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let row = self.client.query_one(&self.create, &values(event)).await?;
        Ok(EventRow::read(&row)?.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        self.client.execute(&self.insert, &values(event)).await?;
        Ok(())
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        copy(&self.client, events).await
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        self.relations.load(&self.client, authors).await
    }

    async fn connect(&self) -> anyhow::Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.address.url(), NoTls).await?;
        let connection = tokio::spawn(connection);
        drop(client);
        Ok(connection.await??)
    }

    async fn report(&self) -> anyhow::Result<usize> {
        Ok(self.client.query(&self.report, &[]).await?.len())
    }
}
