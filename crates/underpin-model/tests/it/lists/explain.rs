//! Statements that are meant to use an index do.

use super::shelf::{Author, Book, author, authors, books, empty_shelf};
use underpin_model::{Id, PageRequest, Statement};
use underpin_testkit::TestDb;

/// 20,000 books by 200 authors, indexed.
async fn big_shelf() -> TestDb {
    let db = empty_shelf().await;
    db.database()
        .batch(
            "INSERT INTO authors (id, name)
                 SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, 'author ' || n
                 FROM generate_series(1, 200) AS n;
             INSERT INTO books (author_id, title, tags, metadata, stars, created_at)
                 SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n % 200 + 1), 12, '0'))::uuid, 'book ' || n,
                        ARRAY['tag' || n % 500], jsonb_build_object('n', n % 500), n % 10,
                        timestamptz '2026-01-01Z' + n * interval '1 second'
                 FROM generate_series(1, 20000) AS n;
             CREATE INDEX books_recent ON books (created_at DESC, id DESC) WHERE deleted_at IS NULL;
             CREATE INDEX books_author ON books (author_id);
             CREATE INDEX books_title ON books (title text_pattern_ops);
             CREATE INDEX books_tags ON books USING gin (tags);
             CREATE INDEX books_metadata ON books USING gin (metadata);
             CREATE INDEX books_words ON books USING gin (words);
             ANALYZE authors, books;",
        )
        .await
        .unwrap();
    db
}

/// The plan uses the index and never reads the whole table of books.
async fn assert_uses(db: &TestDb, index: &str, statement: &Statement) {
    let sql = format!("EXPLAIN (COSTS OFF) {}", statement.sql());
    let plan: Vec<(String,)> = db
        .database()
        .query_as(&sql, &statement.values())
        .await
        .unwrap();
    let plan: Vec<String> = plan.into_iter().map(|(line,)| line).collect();
    let plan = plan.join("\n");
    assert!(plan.contains(index), "{}\n{plan}", statement.sql());
    assert!(
        !plan.contains("Seq Scan on books"),
        "{}\n{plan}",
        statement.sql()
    );
}

#[tokio::test]
async fn pages_are_read_from_the_index_of_their_order() {
    let db = big_shelf().await;
    let books = books(&db);
    let recent = || books.find_all().order_by(Book::CREATED_AT.desc());
    let first = PageRequest::first(50);
    assert_uses(
        &db,
        "books_recent",
        &recent().page_statement(&first).unwrap(),
    )
    .await;
    let next = recent().page(first).await.unwrap().next.unwrap();
    let second = recent()
        .page_statement(&PageRequest::first(50).after(next))
        .unwrap();
    assert_uses(&db, "Index Cond: (ROW(created_at, id) <", &second).await;
    assert_uses(&db, "books_recent", &second).await;
}

#[tokio::test]
async fn conditions_use_the_index_of_their_column() {
    let db = big_shelf().await;
    let books = books(&db);
    let uses =
        async |index: &str, filter| assert_uses(&db, index, &books.find(filter).statement()).await;
    uses("books_pkey", Book::ID.eq(Id::random())).await;
    uses("books_author", Book::AUTHOR_ID.eq(author(1))).await;
    uses(
        "books_author",
        Book::AUTHOR_ID.is_in([author(1), author(2)]),
    )
    .await;
    uses("books_title", Book::TITLE.starts_with("book 77")).await;
    uses("books_tags", Book::TAGS.contains(["tag7"])).await;
    uses("books_tags", Book::TAGS.overlaps(["tag7", "tag8"])).await;
    uses(
        "books_metadata",
        Book::METADATA.contains(serde_json::json!({"n": 7})),
    )
    .await;
    uses("books_metadata", Book::METADATA.has_key("m")).await;
    uses("books_words", Book::WORDS.matches_in("english", "77")).await;
    uses(
        "books_author",
        Book::AUTHOR_ID.has_parent(Author::NAME.eq("author 7")),
    )
    .await;
}

/// After some runs PostgreSQL plans without the values. A bound LIMIT then counts as a tenth of the rows, and rows are
/// fetched one by one, or by reading the whole table of parents.
#[tokio::test]
async fn related_rows_are_read_well_by_a_plan_that_does_not_know_the_ids() {
    let db = big_shelf().await;
    let session = db.database().checkout().await.unwrap();
    let plan = async |statement: Statement| {
        let sql = format!("DEALLOCATE ALL; PREPARE related AS {}", statement.sql());
        session.batch(&sql).await.unwrap();
        let explain = "EXPLAIN (COSTS OFF) EXECUTE related('{}')";
        let plan = session.query_as::<(String,)>(explain, &[]).await.unwrap();
        let plan: Vec<String> = plan.into_iter().map(|(line,)| line).collect();
        plan.join("\n")
    };
    let generic = "INSERT INTO authors (name) SELECT 'another' FROM generate_series(1, 5000); ANALYZE authors;
                   SET plan_cache_mode = force_generic_plan";
    session.batch(generic).await.unwrap();
    let children = Book::AUTHOR_ID.is_in([author(1)]);
    let children = plan(books(&db).find(children).statement()).await;
    assert!(
        children.contains("Bitmap Index Scan on books_author"),
        "{children}"
    );
    let parents = Author::ID.is_in([author(1)]);
    let parents = plan(authors(&db).find(parents).statement()).await;
    assert!(parents.contains("authors_pkey"), "{parents}");
    session.batch("RESET plan_cache_mode").await.unwrap();
}

#[tokio::test]
async fn a_search_uses_a_trigram_index() {
    let db = big_shelf().await;
    let index =
        "CREATE EXTENSION pg_trgm; CREATE INDEX books_trgm ON books USING gin (title gin_trgm_ops);
                 CREATE INDEX books_blurb_trgm ON books USING gin (blurb gin_trgm_ops)";
    if db.database().batch(index).await.is_err() {
        println!("skipped: the server has no pg_trgm");
        return;
    }
    let list = books(&db);
    assert_uses(
        &db,
        "books_trgm",
        &list.search("k 1234").unwrap().statement(),
    )
    .await;
    assert_uses(
        &db,
        "books_trgm",
        &list.search_similar("1234").unwrap().statement(),
    )
    .await;
}
