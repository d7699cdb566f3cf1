//! `underpin-migrators TOOL URL [FOLDER]`: lets one migration tool of crates.io apply what is pending.
//!
//! SeaORM's migrations are Rust: those of `sea_orm` are built in, and no folder is read.

mod sea_orm;

use anyhow::{Context, bail};
use std::path::Path;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["sqlx", url, folder] => sqlx(url, Path::new(folder)).await,
        ["refinery", url, folder] => refinery(url, Path::new(folder)).await,
        ["diesel", url, folder] => diesel(url, Path::new(folder)).await,
        ["sea-orm", url] => sea_orm::up(url).await,
        _ => bail!("usage: underpin-migrators sqlx|refinery|diesel|sea-orm URL [FOLDER]"),
    }
}

async fn sqlx(url: &str, folder: &Path) -> anyhow::Result<()> {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(url).await?;
    sqlx::migrate::Migrator::new(folder)
        .await?
        .run(&mut connection)
        .await?;
    Ok(())
}

async fn refinery(url: &str, folder: &Path) -> anyhow::Result<()> {
    let (mut client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let migrations = refinery::load_sql_migrations(folder)?;
    refinery::Runner::new(&migrations)
        .run_async(&mut client)
        .await?;
    drop(client);
    connection.await?.context("the connection broke")
}

async fn diesel(url: &str, folder: &Path) -> anyhow::Result<()> {
    use diesel_async::AsyncConnection;
    use diesel_migrations::MigrationHarness;
    let migrations = diesel_migrations::FileBasedMigrations::from_path(folder)?;
    let connection = diesel_async::AsyncPgConnection::establish(url).await?;
    let mut harness = diesel_async::AsyncMigrationHarness::new(connection);
    match harness.run_pending_migrations(migrations) {
        Ok(_) => Ok(()),
        Err(error) => bail!("{error}"),
    }
}
