//! tokio-postgres in deadpool-postgres, with its statement cache and its default recycling.

use super::driver_rows::{Article, Author, Comment, Document, copy};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{
    ARTICLES, AUTHOR, BALANCE, COMMENTS, DOCUMENT, DOCUMENTS_ALL, Event, INSERT, REPORT,
    SET_BALANCE,
};
use deadpool_postgres::{Manager, Pool};
use futures_util::future::try_join;
use tokio_postgres::NoTls;

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

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(INSERT).await?;
        client
            .execute(
                &statement,
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
        let client = self.0.get().await?;
        copy(&client, events).await
    }

    async fn relations(&self, author: i64) -> anyhow::Result<usize> {
        let client = self.0.get().await?;
        let of_author = client.prepare_cached(AUTHOR).await?;
        let of_articles = client.prepare_cached(ARTICLES).await?;
        let of_comments = client.prepare_cached(COMMENTS).await?;
        let (found, articles) = try_join(
            client.query_one(&of_author, &[&author]),
            client.query(&of_articles, &[&author]),
        )
        .await?;
        Author::read(&found)?;
        let articles: Vec<_> = articles
            .iter()
            .map(Article::read)
            .collect::<Result<_, _>>()?;
        let keys: Vec<i64> = articles.iter().map(|article| article.id).collect();
        let comments = client.query(&of_comments, &[&keys]).await?;
        let comments: Vec<_> = comments
            .iter()
            .map(Comment::read)
            .collect::<Result<_, _>>()?;
        Ok(articles.len() + comments.len())
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
