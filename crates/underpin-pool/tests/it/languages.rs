//! Servers that speak another language than English: nothing is decided by their words.

use crate::support::unique;
use underpin_core::url::SslMode;
use underpin_core::{Chain, Secret};
use underpin_pool::{Database, Error, ErrorKind, Options, Session};
use underpin_testkit::{in_language, languages, private_cluster_with, shared_cluster};

async fn pool(language: &str) -> Database {
    let url = in_language(shared_cluster().await.url("postgres"), language);
    let mut options = Options::new(url);
    (
        options.pool.size,
        options.pool.max_overflow,
        options.pool.lanes,
    ) = (1, 0, 0);
    Database::connect(options).await.unwrap()
}

#[tokio::test]
async fn statement_that_is_out_of_date_runs_again() {
    for language in languages().await {
        let db = pool(language).await;
        let (table, mood) = (unique("t"), unique("mood"));
        let create = format!("CREATE TYPE {mood} AS ENUM ('a')");
        db.batch(&format!(
            "{create}; CREATE TABLE {table} (a int); INSERT INTO {table} VALUES (1)"
        ))
        .await
        .unwrap();
        let (select, find) = (
            format!("SELECT * FROM {table}"),
            format!("SELECT 1 FROM {table} WHERE a::text = $1"),
        );
        let null = format!("SELECT $1::{mood} IS NULL");
        let absent: Option<&str> = None;
        let ask = async || {
            db.query(&find, &[&"1"]).await.unwrap();
            db.query(&format!("{null} OR $2::text IS NULL"), &[&Nothing, &absent])
                .await
                .unwrap();
            db.query_one(&select, &[]).await.unwrap().len()
        };
        assert_eq!(ask().await, 1);
        db.batch(&format!(
            "ALTER TABLE {table} ADD b int; DROP TYPE {mood}; {create}"
        ))
        .await
        .unwrap();
        assert_eq!(ask().await, 2, "{language}");

        let columns = db.transaction(async |tx| {
            tx.query(&select, &[]).await?;
            Ok::<_, Error>(())
        });
        columns.await.unwrap();
        let other = pool(language).await;
        other
            .batch(&format!("ALTER TABLE {table} ADD c int"))
            .await
            .unwrap();
        let columns =
            db.transaction(async |tx| Ok::<_, Error>(tx.query_one(&select, &[]).await?.len()));
        assert_eq!(columns.await.unwrap(), 3, "{language}");
        db.batch(&format!("DROP TABLE {table}; DROP TYPE {mood}"))
            .await
            .unwrap();
    }
}

/// NULL of any type.
#[derive(Debug)]
struct Nothing;

impl underpin_pool::ToSql for Nothing {
    fn to_sql(
        &self,
        _: &underpin_pool::Type,
        _: &mut bytes::BytesMut,
    ) -> Result<postgres_types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(postgres_types::IsNull::Yes)
    }

    fn accepts(_: &underpin_pool::Type) -> bool {
        true
    }

    postgres_types::to_sql_checked!();
}

#[tokio::test]
async fn refused_connection_is_told_by_what_it_is() {
    for language in languages().await {
        let cluster =
            private_cluster_with(|settings| settings.with_server_setting("lc_messages", language))
                .await;
        let admin = cluster.admin().await;
        admin
            .batch("CREATE ROLE only_tls LOGIN PASSWORD 'p'")
            .await
            .unwrap();
        cluster.set_access_rules(&[
            "hostssl all only_tls 127.0.0.1/32 scram-sha-256",
            "host all underpin 127.0.0.1/32 scram-sha-256",
        ]);
        admin.batch("SELECT pg_reload_conf()").await.unwrap();
        drop(admin);
        let refused = async |change: &dyn Fn(&mut Options)| {
            let mut options = Options::new(cluster.url("postgres"));
            options.url.tls.mode = SslMode::Disable;
            change(&mut options);
            let error = Session::connect(&options).await.unwrap_err();
            let said = Chain(&error).to_string();
            // What the server says before a session has an encoding may have lost the letters that ASCII lacks.
            for english in [
                "no pg_hba.conf entry",
                "password authentication failed",
                "does not exist",
            ] {
                assert!(
                    !said.contains(english),
                    "the server speaks {language}: {said}"
                );
            }
            (
                error.kind(),
                error.hint().map(String::from).unwrap_or_default(),
            )
        };
        let as_only_tls = |options: &mut Options| {
            options.url.user = String::from("only_tls");
            options.url.password = Some(Secret::new(String::from("p")));
        };
        let (kind, hint) = refused(&as_only_tls).await;
        assert_eq!(kind, ErrorKind::TlsRequired, "{language}");
        assert!(hint.contains("sslmode=require"), "{hint}");
        // The server was asked for TLS and has none, so TLS is not what is missing.
        let (kind, hint) = refused(&|options| {
            as_only_tls(options);
            options.url.tls.mode = SslMode::Prefer;
        })
        .await;
        assert_eq!(kind, ErrorKind::Authentication, "{language}");
        assert!(hint.contains("pg_hba.conf"), "{hint}");
        let (kind, hint) = refused(&|options| {
            options.url.password = Some(Secret::new(String::from("wrong")));
        })
        .await;
        assert_eq!(kind, ErrorKind::Authentication, "{language}");
        assert!(hint.contains("password"), "{hint}");
        let (kind, hint) = refused(&|options| {
            options.url.database = String::from("nowhere");
        })
        .await;
        assert_eq!(kind, ErrorKind::UnknownDatabase, "{language}");
        assert!(hint.contains("createdb nowhere"), "{hint}");
    }
}
