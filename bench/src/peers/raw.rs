//! tokio-postgres alone: one connection on a task of its own, shared by everybody, statements prepared up front.

use super::driver_rows::{Article, Author, Comment, Document, copy};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{ARTICLES, AUTHOR, COMMENTS, DOCUMENT, DOCUMENTS_ALL, Event, INSERT, REPORT};
use futures_util::future::try_join;
use tokio_postgres::{Client, NoTls, Statement};

#[derive(Debug)]
pub(crate) struct Raw {
    address: Address,
    client: Client,
    document: Statement,
    documents: Statement,
    insert: Statement,
    author: Statement,
    articles: Statement,
    comments: Statement,
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
            insert: client.prepare(INSERT).await?,
            author: client.prepare(AUTHOR).await?,
            articles: client.prepare(ARTICLES).await?,
            comments: client.prepare(COMMENTS).await?,
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

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        self.client
            .execute(
                &self.insert,
                &[
                    &event.public_id,
                    &event.owner_id,
                    &event.title,
                    &event.amount,
                    &event.is_active,
                    &event.created_at,
                ],
            )
            .await?;
        Ok(())
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        copy(&self.client, events).await
    }

    async fn relations(&self, author: i64) -> anyhow::Result<usize> {
        let (found, articles) = try_join(
            self.client.query_one(&self.author, &[&author]),
            self.client.query(&self.articles, &[&author]),
        )
        .await?;
        Author::read(&found)?;
        let articles: Vec<_> = articles
            .iter()
            .map(Article::read)
            .collect::<Result<_, _>>()?;
        let keys: Vec<i64> = articles.iter().map(|article| article.id).collect();
        let comments = self.client.query(&self.comments, &[&keys]).await?;
        let comments: Vec<_> = comments
            .iter()
            .map(Comment::read)
            .collect::<Result<_, _>>()?;
        Ok(articles.len() + comments.len())
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
