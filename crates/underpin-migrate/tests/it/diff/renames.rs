//! Renames are declared, never guessed.

use super::support::{Server, all, go};
use underpin_core::ErrorKind;
use underpin_migrate::diff::Allowed;

const PEOPLE: &str = "CREATE TABLE people (id bigint PRIMARY KEY, title text NOT NULL, born date);
    CREATE INDEX people_title_idx ON people (title);
    CREATE TYPE mood AS ENUM ('happy', 'sad');";

const USERS: &str = "CREATE TABLE users ( -- @renamed from=people
        id bigint PRIMARY KEY,
        name text NOT NULL, -- @renamed from=title
        born date
    );
    CREATE INDEX users_name_idx ON users (name);
    CREATE TYPE mood AS ENUM (
        'glad', -- @renamed from=happy
        'sad'
    );";

#[tokio::test]
async fn declared_renames_keep_rows() {
    let server = Server::start().await;
    let none = Allowed::default();
    let found = server
        .difference(PEOPLE, USERS, &none)
        .await
        .expect("a way");
    found.up.check(&none).expect("nothing is lost");
    let work = server.database("work").await;
    work.batch(PEOPLE).await.expect("loaded");
    work.batch("INSERT INTO people VALUES (1, 'Ada', NULL)")
        .await
        .expect("a row");
    go(&work, &found.up).await.expect("there");
    let row = work
        .query_one("SELECT name FROM users", &[])
        .await
        .expect("the row");
    assert_eq!(row.get::<String>(0).expect("text"), "Ada");
    go(&work, &found.down).await.expect("back");
    let row = work
        .query_one("SELECT title FROM people", &[])
        .await
        .expect("the row");
    assert_eq!(row.get::<String>(0).expect("text"), "Ada");
}

#[tokio::test]
async fn a_rename_that_has_happened_is_nothing_and_on_a_fresh_database_an_addition() {
    let server = Server::start().await;
    let found = server
        .difference(USERS, USERS, &Allowed::default())
        .await
        .expect("a way");
    assert!(found.is_empty(), "{}", found.up);
    let fresh = server
        .difference("", USERS, &Allowed::default())
        .await
        .expect("a way");
    assert!(
        fresh.up.to_string().contains("CREATE TABLE public.users"),
        "{}",
        fresh.up
    );
}

#[tokio::test]
async fn a_rename_to_a_name_that_is_there_is_refused() {
    let server = Server::start().await;
    let both = "CREATE TABLE t (a int, b int)";
    let to = "CREATE TABLE t (\n b int, -- @renamed from=a\n c int)";
    let error = server
        .difference(both, to, &all())
        .await
        .expect_err("both are there");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(
        error.to_string().contains("both names are there"),
        "{error}"
    );
}

#[tokio::test]
async fn what_looks_like_a_rename_is_asked_about() {
    let server = Server::start().await;
    let (from, to) = (
        "CREATE TABLE t (id int, title text)",
        "CREATE TABLE t (id int, name text)",
    );
    let error = server
        .difference(from, to, &Allowed::default())
        .await
        .expect_err("a question");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "public.t, type text: title is dropped and name is added, which looks like a rename"
    );
    assert!(
        error
            .hint()
            .expect("a hint")
            .contains("-- @renamed from=title"),
        "{error:?}"
    );
    let allowed = Allowed {
        undeclared_renames: true,
        ..Allowed::default()
    };
    let found = server.difference(from, to, &allowed).await.expect("a way");
    let error = found.up.check(&allowed).expect_err("values are lost");
    assert_eq!(
        error.to_string(),
        "this would lose all values of public.t.title"
    );
}
