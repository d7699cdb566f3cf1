//! SeaORM: entities, its loader for relations, `insert_many` in as large statements as PostgreSQL takes.

#![expect(unreachable_pub, reason = "SeaORM's derives want public models")]

use crate::address::Address;
use crate::peer::Peer;
use crate::tables::{EDITOR, Event, LIST_STATUS, REPORT, VALUES_ROWS_MAX};
use anyhow::Context;
use chrono::Utc;
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, LoaderTrait,
    QueryOrder, QuerySelect, Statement, TransactionTrait,
};

mod document {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "document")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub public_id: Uuid,
        pub owner_id: i64,
        pub created_at: ChronoDateTimeUtc,
        pub updated_at: ChronoDateTimeUtc,
        pub deleted_at: Option<ChronoDateTimeUtc>,
        pub created_by: String,
        pub updated_by: Option<String>,
        pub is_active: bool,
        pub version: i32,
        pub title: String,
        pub slug: String,
        pub summary: String,
        pub body: String,
        pub status: String,
        pub kind: String,
        pub priority: i16,
        pub score: f64,
        pub rating: Option<f32>,
        pub views: i64,
        pub size_bytes: i32,
        pub language: String,
        pub country: Option<String>,
        pub email: String,
        pub url: Option<String>,
        pub tags: Vec<String>,
        pub metadata: Json,
        pub digest: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod event {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub public_id: Uuid,
        pub owner_id: i64,
        pub title: String,
        pub amount: f64,
        pub is_active: bool,
        pub happened_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod author {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub email: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::article::Entity")]
        Article,
    }

    impl Related<super::article::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Article.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod article {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub author_id: Uuid,
        pub title: String,
        pub created_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::author::Entity",
            from = "Column::AuthorId",
            to = "super::author::Column::Id"
        )]
        Author,
        #[sea_orm(has_many = "super::comment::Entity")]
        Comment,
    }

    impl Related<super::author::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl Related<super::comment::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Comment.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod comment {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "comment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub article_id: Uuid,
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::article::Entity",
            from = "Column::ArticleId",
            to = "super::article::Column::Id"
        )]
        Article,
    }

    impl Related<super::article::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Article.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod account {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub balance: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Debug)]
pub(crate) struct SeaOrm(DatabaseConnection);

impl SeaOrm {
    pub(crate) async fn open(address: &Address, connections: usize) -> anyhow::Result<Self> {
        let mut options = ConnectOptions::new(address.url());
        options.max_connections(u32::try_from(connections)?);
        // Its default logs every statement, for programs that listen to `tracing` or `log`; nothing does here.
        options.sqlx_logging(false);
        Ok(Self(Database::connect(options).await?))
    }
}

impl Peer for SeaOrm {
    async fn document(&self, id: i64) -> anyhow::Result<i64> {
        let found = document::Entity::find_by_id(id).one(&self.0).await?;
        Ok(found.context("no document")?.id)
    }

    async fn documents(&self, limit: i64) -> anyhow::Result<usize> {
        let query = document::Entity::find().limit(u64::try_from(limit)?);
        Ok(query.all(&self.0).await?.len())
    }

    async fn list(&self, limit: i64) -> anyhow::Result<usize> {
        let query = document::Entity::find()
            .filter(document::Column::Status.eq(LIST_STATUS))
            .filter(document::Column::IsActive.eq(true))
            .order_by_desc(document::Column::CreatedAt)
            .limit(u64::try_from(limit)?);
        Ok(query.all(&self.0).await?.len())
    }

    async fn patch(&self, id: i64, title: String) -> anyhow::Result<i64> {
        let changed = document::ActiveModel {
            id: Unchanged(id),
            title: Set(title),
            updated_at: Set(Utc::now()),
            updated_by: Set(Some(EDITOR.to_owned())),
            ..Default::default()
        };
        Ok(changed.update(&self.0).await?.id)
    }

    async fn create(&self, event: &Event) -> anyhow::Result<i64> {
        Ok(active(event).insert(&self.0).await?.owner_id)
    }

    async fn insert(&self, event: &Event) -> anyhow::Result<()> {
        event::Entity::insert(active(event))
            .exec_without_returning(&self.0)
            .await?;
        Ok(())
    }

    async fn insert_many(&self, events: &[Event]) -> anyhow::Result<()> {
        for chunk in events.chunks(VALUES_ROWS_MAX) {
            event::Entity::insert_many(chunk.iter().map(active))
                .exec_without_returning(&self.0)
                .await?;
        }
        Ok(())
    }

    async fn relations(&self, authors: &[Uuid]) -> anyhow::Result<usize> {
        let keys = authors.iter().copied();
        let authors = author::Entity::find()
            .filter(author::Column::Id.is_in(keys))
            .all(&self.0)
            .await?;
        let articles = authors.load_many(article::Entity, &self.0).await?;
        let articles: Vec<_> = articles.into_iter().flatten().collect();
        let comments = articles.load_many(comment::Entity, &self.0).await?;
        Ok(articles.len() + comments.iter().map(Vec::len).sum::<usize>())
    }

    async fn transaction(&self, account: i64) -> anyhow::Result<()> {
        let tx = self.0.begin().await?;
        let found = account::Entity::find_by_id(account)
            .lock_exclusive()
            .one(&tx)
            .await?
            .context("no account")?;
        let balance = found.balance + 1;
        let changed = account::ActiveModel {
            id: Set(account),
            balance: Set(balance),
        };
        account::Entity::update_many()
            .set(changed)
            .filter(account::Column::Id.eq(account))
            .exec(&tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn report(&self) -> anyhow::Result<usize> {
        let statement = Statement::from_string(DbBackend::Postgres, REPORT);
        Ok(self.0.query_all_raw(statement).await?.len())
    }
}

fn active(event: &Event) -> event::ActiveModel {
    event::ActiveModel {
        public_id: Set(event.public_id),
        owner_id: Set(event.owner_id),
        title: Set(event.title.clone()),
        amount: Set(event.amount),
        is_active: Set(event.is_active),
        happened_at: Set(event.happened_at),
        ..Default::default()
    }
}
