//! Which tool it was.

use super::site::Site;
use underpin_core::ErrorKind;
use underpin_migrate::adopt::{Tool, adopt};

#[tokio::test]
async fn no_history_says_what_to_do_instead() {
    let site = Site::with_files_of(Tool::Sqlx).await;
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::NotFound);
    assert!(
        text.contains("not in this database") && text.contains("migrate stamp"),
        "{text}"
    );
}

#[tokio::test]
async fn a_table_of_the_name_and_other_columns_is_nobodys() {
    let site = Site::with_files_of(Tool::Dbmate).await;
    site.sql("CREATE TABLE schema_migrations (version bigint, inserted_at timestamp)")
        .await;
    let (_, text) = site.refusal().await;
    assert!(
        text.contains("public.schema_migrations (inserted_at, version) belongs to none"),
        "{text}"
    );
}

#[tokio::test]
async fn rails_is_not_taken_for_dbmate() {
    let site = Site::left_by(Tool::Dbmate).await;
    site.sql("CREATE TABLE ar_internal_metadata (key text)")
        .await;
    let (kind, _) = site.refusal().await;
    assert_eq!(kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn of_two_tools_one_must_be_named() {
    let site = Site::left_by(Tool::GolangMigrate).await;
    site.sql("CREATE TABLE alembic_version (version_num varchar(32))")
        .await;
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::Refused);
    assert!(
        text.contains(
            "public.alembic_version (alembic), public.schema_migrations (golang-migrate)"
        ),
        "{text}"
    );
    assert!(text.contains("--from"), "{text}");
    let mut request = site.request();
    request.tool = Some(Tool::GolangMigrate);
    adopt(&site.db.options(), &request).await.expect("named");
}

#[tokio::test]
async fn one_tool_in_two_schemas_is_looked_for_where_the_tool_would() {
    let site = Site::left_by(Tool::Dbmate).await;
    site.sql("CREATE SCHEMA other; CREATE TABLE other.schema_migrations (version varchar(255))")
        .await;
    assert_eq!(
        site.adopt().await.expect("on the search path").table,
        "public.schema_migrations"
    );
    site.sql("CREATE SCHEMA third; ALTER TABLE public.schema_migrations SET SCHEMA third")
        .await;
    let (kind, text) = site.refusal().await;
    assert_eq!(kind, ErrorKind::Refused);
    assert!(text.contains("search path"), "{text}");
}

#[tokio::test]
async fn a_folder_without_its_files_is_refused() {
    let site = Site::left_by(Tool::Flyway).await;
    let mut request = site.request();
    request.source = Some(site.tools("nowhere"));
    let error = adopt(&site.db.options(), &request)
        .await
        .expect_err("no folder");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    request.source = Some(site.tools("empty"));
    site.write("empty/README.md", "nothing");
    let error = adopt(&site.db.options(), &request)
        .await
        .expect_err("no files");
    assert!(
        error.to_string().contains("holds no migration of flyway"),
        "{error}"
    );
    assert!(error.hint().is_some_and(|it| it.contains("--source")));
}
