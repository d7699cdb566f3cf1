//! The tables as Underpin's models: for its pool, which reads rows into them, and for its repositories.

use jiff::Timestamp;
use serde_json::Value;
use underpin_model::{Id, Model};
use uuid::Uuid;

/// Nobody deletes here: all rows count, whatever `deleted_at` says.
#[derive(Debug, Clone, Model)]
#[model(table = "document", soft_delete = false)]
pub(crate) struct Document {
    #[model(primary_key)]
    pub(crate) id: i64,
    public_id: Uuid,
    owner_id: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    deleted_at: Option<Timestamp>,
    created_by: Option<String>,
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

#[derive(Debug, Clone, Model)]
#[model(table = "event")]
pub(crate) struct Event {
    #[model(primary_key, identity)]
    id: i64,
    public_id: Uuid,
    pub(crate) owner_id: i64,
    title: String,
    amount: f64,
    is_active: bool,
    happened_at: Timestamp,
}

#[derive(Debug, Clone, Model)]
#[model(table = "author")]
pub(crate) struct Author {
    #[model(primary_key)]
    id: Id<Author>,
    name: String,
    email: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "article")]
pub(crate) struct Article {
    #[model(primary_key)]
    pub(crate) id: Id<Article>,
    #[model(references = Author)]
    pub(crate) author_id: Id<Author>,
    title: String,
    created_at: Timestamp,
}

#[derive(Debug, Clone, Model)]
#[model(table = "comment")]
pub(crate) struct Comment {
    #[model(primary_key)]
    id: Id<Comment>,
    #[model(references = Article)]
    pub(crate) article_id: Id<Article>,
    body: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "account")]
pub(crate) struct Account {
    #[model(primary_key)]
    id: i64,
    pub(crate) balance: i64,
}
