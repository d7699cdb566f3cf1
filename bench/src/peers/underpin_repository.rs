//! Underpin's repositories, on its pool as it comes: models, no SQL.

use super::underpin_models::{
    Account, AccountPatch, Article, Author, Comment, Document, DocumentPatch, Event as EventRow,
    NewEvent,
};
use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{EDITOR, Event, LIST_STATUS};
use anyhow::ensure;
use underpin_model::{Actor, Error, Id, Repositories, Set};
use underpin_pool::{Database, Options};
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct UnderpinRepository {
    db: Database,
    actor: Actor,
}

impl UnderpinRepository {
    pub(crate) fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        let mut options = Options::new(address.parsed().clone());
        options.pool.size = connections;
        options.pool.max_overflow = 0;
        Ok(Self {
            db: Database::lazy(options)?,
            actor: Actor::user(EDITOR),
        })
    }
}

impl Peer for UnderpinRepository {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        Ok(self.db.repository::<Document>().get(id).await?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let documents = self.db.repository::<Document>();
        let list = documents.find_all().limit(u32::try_from(limit)?);
        Ok(list.all().await?.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let documents = self.db.repository::<Document>();
        let active = Document::STATUS
            .eq(LIST_STATUS)
            .and(Document::IS_ACTIVE.eq(true));
        let list = documents
            .find(active)
            .order_by(Document::CREATED_AT.desc())
            .limit(u32::try_from(limit)?);
        Ok(list.all().await?.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let documents = self.db.repository::<Document>();
        let patch = DocumentPatch {
            title: Set(title),
            ..DocumentPatch::default()
        };
        Ok(documents.update(id, patch, &self.actor).await?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        let events = self.db.repository::<EventRow>();
        let created = events.create(NewEvent::from(event), &self.actor).await?;
        Ok(created.owner_id)
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        let rows = events.iter().map(NewEvent::from).collect();
        let repository = self.db.repository::<EventRow>();
        let inserted = repository.bulk_create(rows, &self.actor).await?;
        ensure!(inserted == events.len() as u64, "{inserted} rows inserted");
        Ok(())
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let ids = authors.iter().copied().map(Id::from_uuid);
        let authors = self.db.repository::<Author>();
        let authors = authors.find(Author::ID.is_in(ids)).all().await?;
        let articles = self.db.repository::<Article>();
        let articles = articles.load_related(&authors, Article::AUTHOR_ID).await?;
        let articles: Vec<Article> = articles.into_values().flatten().collect();
        let comments = self.db.repository::<Comment>();
        let comments = comments
            .load_related(&articles, Comment::ARTICLE_ID)
            .await?;
        Ok(articles.len() + comments.values().map(Vec::len).sum::<usize>())
    }

    async fn transaction(&self, account: i64) -> anyhow::Result<()> {
        let accounts = self.db.repository::<Account>();
        let changed = self.db.transaction(async |tx| {
            let accounts = accounts.on(tx);
            let balance = accounts.lock(account).await?.balance + 1;
            let patch = AccountPatch {
                balance: Set(balance),
            };
            accounts.update(account, patch, &self.actor).await?;
            Ok::<_, Error>(())
        });
        Ok(changed.await?)
    }
}

impl From<&Event> for NewEvent {
    fn from(event: &Event) -> Self {
        Self {
            public_id: event.public_id,
            owner_id: event.owner_id,
            title: event.title.clone(),
            amount: event.amount,
            is_active: event.is_active,
            happened_at: event.happened_at_jiff,
        }
    }
}
