use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let email = Table::alter()
            .table("users")
            .add_column(ColumnDef::new("email").text())
            .to_owned();
        manager.alter_table(email).await?;
        let index = Index::create()
            .name("users_email")
            .table("users")
            .col("email")
            .unique()
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let email = Table::alter()
            .table("users")
            .drop_column("email")
            .to_owned();
        manager.alter_table(email).await
    }
}
