//! An entity of 16 columns, and what a service does with it. `cargo xtask bench derive` makes 50 of it.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, ExprTrait, LoaderTrait, QueryOrder, QuerySelect, Set, Unchanged};
use std::future::Future;
use std::pin::Pin;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "TABLE")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Option<Uuid>,
    #[sea_orm(unique)]
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
    pub metadata: Json,
    pub digest: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "PARENT::Entity", from = "Column::OwnerId", to = "PARENT::Column::Id")]
    Owner,
}

impl Related<PARENT::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Owner.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

// USED
pub fn work<'a>(
    db: &'a DatabaseConnection,
) -> Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>> {
    Box::pin(async move {
        let new = ActiveModel { title: Set(String::from("first")), ..Default::default() };
        let created = new.insert(db).await?;
        let read = Entity::find_by_id(created.id).one(db).await?;
        let read = read.ok_or_else(|| DbErr::RecordNotFound(String::from("TABLE")))?;
        let patch = ActiveModel {
            id: Unchanged(read.id),
            title: Set(String::from("second")),
            ..Default::default()
        };
        let changed = patch.update(db).await?;
        let open = Column::Status.eq("open").and(Column::IsOpen.eq(true));
        let list = Entity::find().filter(open).order_by_asc(Column::Title).limit(50).all(db).await?;
        let parents = list.load_one(PARENT::Entity, db).await?;
        if parents.is_empty() {
            Entity::delete_by_id(changed.id).exec(db).await?;
        }
        Ok(())
    })
}
