//! A model of 16 columns, and what a service does with it. `cargo xtask bench derive` makes 50 of it.

use std::future::Future;
use std::pin::Pin;
use underpin_model::{Actor, Error, Id, Model, Repositories, Set};
use underpin_pool::Database;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "TABLE")]
pub struct Thing {
    #[model(primary_key)]
    pub id: Id<Thing>,
    #[model(references = PARENT::Thing)]
    pub owner_id: Option<Id<PARENT::Thing>>,
    #[model(unique)]
    pub slug: String,
    pub title: String,
    pub summary: Option<String>,
    pub body: String,
    pub status: String,
    pub priority: i16,
    pub version: i32,
    pub views: i64,
    pub score: f64,
    pub rating: Option<f32>,
    pub is_open: bool,
    pub tags: Vec<String>,
    pub metadata: serde_json::Value,
    pub digest: Vec<u8>,
}

// USED
pub fn work<'a>(
    db: &'a Database,
    actor: &'a Actor,
) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
    Box::pin(async move {
        let things = db.repository::<Thing>();
        let new = NewThing { title: String::from("first"), ..NewThing::default() };
        let created = things.create(new, actor).await?;
        let read = things.get(created.id).await?;
        let patch = ThingPatch { title: Set(String::from("second")), ..ThingPatch::default() };
        let changed = things.update(read.id, patch, actor).await?;
        let open = Thing::STATUS.eq("open").and(Thing::IS_OPEN.eq(true));
        let list = things.find(open).order_by(Thing::TITLE.asc()).limit(50).all().await?;
        let parents = db.repository::<PARENT::Thing>().load_parents(&list, Thing::OWNER_ID).await?;
        if parents.is_empty() {
            things.delete(changed.id, actor).await?;
        }
        Ok(())
    })
}
