//! Text that tries to be SQL, in every place where text from outside goes.

use super::shelf::{Book, Shape, author, books, empty_shelf};
use serde_json::json;
use underpin_model::{Cursor, ErrorKind, Filter, QueryRules};
use underpin_testkit::TestDb;

const CORPUS: &[&str] = &[
    "'",
    "''",
    "\"",
    "\\",
    "\\'",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE books; --",
    "\"; DROP TABLE books; --",
    "1; DELETE FROM books",
    "$1",
    "$2::text",
    "{c}",
    "{v}",
    "{}",
    "{a,b}",
    "{\"a\"}",
    "[\"a\"]",
    "%",
    "_",
    "%%%",
    "' UNION SELECT secret FROM books --",
    "/* */",
    "E'\\x27'",
    "$$; DROP TABLE books; $$",
    "pg_sleep(10)",
    "title) OR (TRUE",
    "title\" = 'x' OR \"title",
    "created_at; DROP TABLE books",
    "(SELECT secret FROM books LIMIT 1)",
    "title DESC, secret",
    "a & b | !c <-> (d:*)",
    "\u{202e}txet",
    "ünïcödé 😀",
    "\u{1}\u{7f}\n\r\t",
    "${jndi:ldap://x}",
    "admin'/*",
    "0x27",
    "%27%20OR%201=1",
];

/// Each text of the corpus is the title of a book.
async fn hostile_shelf() -> TestDb {
    let db = empty_shelf().await;
    db.database()
        .execute(
            "INSERT INTO authors (id, name) VALUES ($1, 'ada')",
            &[&author(1)],
        )
        .await
        .unwrap();
    let sql = "INSERT INTO books (author_id, title, tags, metadata, secret)
               VALUES ($1, $2, ARRAY[$2], jsonb_build_object('key', $2, $2, 1), 'hidden')";
    for text in CORPUS {
        db.database()
            .execute(sql, &[&author(1), text])
            .await
            .unwrap();
    }
    db
}

async fn assert_finds_only(db: &TestDb, filter: Filter<Book>, title: &str) {
    let found = books(db).find(filter.clone()).all().await;
    let found = found
        .unwrap_or_else(|error| panic!("{title:?} {filter:?}: {}", underpin_core::Chain(&error)));
    let titles: Vec<&str> = found.iter().map(|book| book.title.as_str()).collect();
    assert_eq!(titles, [title], "{filter:?}");
}

async fn assert_unharmed(db: &TestDb) {
    let count = books(db).find_all().count().await.unwrap();
    assert_eq!(count, CORPUS.len() as u64);
}

#[tokio::test]
async fn hostile_values_are_only_values_in_every_filter() {
    let db = hostile_shelf().await;
    for text in CORPUS {
        assert_finds_only(&db, Book::TITLE.eq(*text), text).await;
        assert_finds_only(&db, Book::TITLE.is_in([*text]), text).await;
        assert_finds_only(&db, Book::TITLE.between(*text, *text), text).await;
        assert_finds_only(&db, Book::TAGS.contains([*text]), text).await;
        assert_finds_only(&db, Book::TAGS.overlaps([*text]), text).await;
        assert_finds_only(&db, Book::METADATA.contains(json!({"key": text})), text).await;
        assert_finds_only(&db, Book::METADATA.path(["key"]).eq(*text), text).await;
        assert_finds_only(&db, Book::METADATA.path([*text]).eq(1), text).await;
        assert_finds_only(&db, Book::METADATA.has_key(*text), text).await;
        assert_finds_only(&db, Book::METADATA.has_all_keys([*text]), text).await;
        assert_finds_only(
            &db,
            Book::METADATA.path_exists("$.key ? (@ == $v)", json!({"v": text})),
            text,
        )
        .await;
        // These find more where one text is part of another; they must find their own row and do no harm.
        for filter in [
            Book::TITLE.starts_with(text),
            Book::TITLE.ends_with(text),
            Book::TITLE.includes(text),
            Book::TITLE
                .starts_with(text)
                .and(Book::TITLE.ends_with(text)),
        ] {
            let own = filter.and(Book::TITLE.eq(*text));
            assert_finds_only(&db, own, text).await;
        }
        let list = books(&db);
        let matching = list
            .find(Book::WORDS.matches(*text))
            .order_by(Book::WORDS.best_match(*text));
        matching.all().await.unwrap();
        let patterns = books(&db)
            .find(Book::TITLE.ilike(format!("{text}%")))
            .all()
            .await;
        // A backslash at the end of a pattern is the one thing that is no pattern.
        assert!(patterns.is_ok() || text.ends_with('\\'), "{text}");
        books(&db).search(text).unwrap().all().await.unwrap();
    }
    assert_unharmed(&db).await;
}

#[tokio::test]
async fn hostile_query_strings_find_nothing_else_and_name_no_value() {
    let db = hostile_shelf().await;
    let rules = QueryRules::<Book>::new();
    for text in CORPUS {
        let value: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        for operator in ["", "[eq]", "[starts_with]", "[contains]"] {
            let page = books(&db)
                .list(rules.parse(&format!("title{operator}={value}")).unwrap())
                .await
                .unwrap();
            assert!(
                page.rows.iter().any(|book| book.title == *text),
                "{operator} {text}"
            );
            assert!(
                operator.len() > 4 || page.rows.len() == 1,
                "{operator} {text}"
            );
        }
        books(&db)
            .list(rules.parse(&format!("search={value}")).unwrap())
            .await
            .unwrap();
        // As a value of another type, a field, an operator, a sort column, a limit, a cursor.
        for query in [
            format!("stars={value}"),
            format!("author_id={value}"),
            format!("created_at[gte]={value}"),
            format!("shape={value}"),
            format!("is_active={value}"),
            format!("stars[in]={value}"),
            format!("{value}=1"),
            format!("title[{value}]=1"),
            format!("sort={value}"),
            format!("sort=-{value}"),
            format!("sort=title,{value}"),
            format!("limit={value}"),
            format!("cursor={value}"),
            format!("total={value}"),
        ] {
            let error = rules
                .parse(&query)
                .map(|query| format!("{query:?}"))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{query}");
        }
        let error = rules.parse(&format!("stars={value}")).unwrap_err();
        let told = format!("{} {error:?}", underpin_core::Chain(&error));
        assert!(text.len() < 5 || !told.contains(text), "{told}");
    }
    assert_unharmed(&db).await;
}

#[tokio::test]
async fn hostile_cursors_are_refused_before_the_database_sees_them() {
    let db = hostile_shelf().await;
    let rules = QueryRules::<Book>::new();
    let first = books(&db)
        .list(rules.parse("sort=title&limit=1").unwrap())
        .await
        .unwrap();
    let good = first.next.unwrap().to_string();
    for text in CORPUS {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
        for at in [0, good.len() / 2, good.len()] {
            let mut forged = good.clone();
            forged.insert_str(at, text);
            assert!(forged.parse::<Cursor>().is_err(), "{forged}");
        }
    }
    assert_unharmed(&db).await;
}

#[tokio::test]
async fn hostile_keys_in_a_well_formed_cursor_are_only_values() {
    let db = hostile_shelf().await;
    let books = books(&db);
    // A walk by title makes a cursor of each of them.
    let mut request = underpin_model::PageRequest::first(1);
    let mut seen = 0;
    loop {
        let page = books
            .find(Book::SHAPE.eq(Shape::Paper))
            .order_by(Book::TITLE.asc())
            .page(request)
            .await
            .unwrap();
        seen += page.rows.len();
        let Some(next) = page.next else { break };
        request = underpin_model::PageRequest::first(1).after(next);
    }
    assert_eq!(seen, CORPUS.len());
}
