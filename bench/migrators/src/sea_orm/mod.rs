//! A SeaORM project's migrations, named after their files as SeaORM's own template does.

mod m20240501_120000_create_users;
mod m20240502_120000_add_email;

use sea_orm_migration::prelude::*;

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20240501_120000_create_users::Migration),
            Box::new(m20240502_120000_add_email::Migration),
        ]
    }
}

pub(crate) async fn up(url: &str) -> anyhow::Result<()> {
    let database = sea_orm_migration::sea_orm::Database::connect(url).await?;
    Migrator::up(&database, None).await?;
    Ok(())
}
