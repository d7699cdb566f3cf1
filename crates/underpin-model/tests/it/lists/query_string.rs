//! Lists that clients describe in a query string.

use super::shelf::{Author, Book, books, shelf, titles};
use underpin_model::{ErrorKind, FaultKind, Page, QueryRules};
use underpin_testkit::TestDb;

async fn list(db: &TestDb, query: &str) -> Page<Book> {
    let query = QueryRules::new()
        .parse(query)
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    books(db).list(query).await.unwrap()
}

/// The error that a query is refused with: its text and hint.
fn refused(query: &str) -> (FaultKind, String, String) {
    let error = QueryRules::<Book>::new().parse(query).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{query}");
    let kind = error
        .fault()
        .unwrap_or_else(|| panic!("{query}: {error}"))
        .kind;
    (
        kind,
        error.to_string(),
        String::from(error.hint().unwrap_or_default()),
    )
}

#[tokio::test]
async fn query_strings_find_what_they_say() {
    let db = shelf().await;
    let check = async |query: &str, expected: &[&str]| {
        let page = list(&db, &format!("{query}&sort=title")).await;
        assert_eq!(titles(&page.rows), expected, "{query}");
    };
    check("", &["50%_off", "first steps", "fourth", "second run"]).await;
    check("title=fourth", &["fourth"]).await;
    check("title[ne]=fourth&stars[gte]=3", &["50%_off", "first steps"]).await;
    check("shape=audio", &["fourth", "second run"]).await;
    check("shape[in]=audio,paper&stars[lt]=5", &["50%_off", "fourth"]).await;
    check("stars[not_in]=5", &["50%_off", "fourth", "second run"]).await;
    check("stars[null]=true", &["second run"]).await;
    check("stars[null]=false", &["50%_off", "first steps", "fourth"]).await;
    check("tags=walk,run", &["fourth"]).await;
    check(
        "tags[any]=feet,run",
        &["first steps", "fourth", "second run"],
    )
    .await;
    check("title[contains]=%25_", &["50%_off"]).await;
    check("title[starts_with]=f", &["first steps", "fourth"]).await;
    check(
        "metadata[contains]=%7B%22lang%22%3A%22en%22%7D",
        &["first steps"],
    )
    .await;
    check("created_at[gte]=2026-01-03", &["50%_off", "fourth"]).await;
    check("created_at[lt]=2026-01-01T00:00:00.5Z", &["first steps"]).await;
    check("price[gt]=9.5&price[lte]=20", &["second run"]).await;
    check("seen_from=10.1.2.3", &["first steps"]).await;
    check(
        "author_id=00000000-0000-0000-0000-0000000000a2",
        &["50%_off"],
    )
    .await;
    check("search=FEET", &["first steps", "fourth"]).await;
    check("title=first+steps&title[ne]=x", &["first steps"]).await;
}

#[tokio::test]
async fn a_cursor_alone_continues_its_list() {
    let db = shelf().await;
    let first = list(&db, "stars[gte]=3&sort=-stars,title&limit=1&total=true").await;
    assert_eq!(
        (titles(&first.rows), first.total),
        (vec!["first steps"], Some(3))
    );
    let cursor = first.next.unwrap();
    let second = list(&db, &format!("cursor={cursor}&limit=1")).await;
    assert_eq!(
        (titles(&second.rows), second.total),
        (vec!["50%_off"], None)
    );
    // Repeating the parameters is fine, in any order; changing them is not.
    let again = list(
        &db,
        &format!("sort=-stars,title&cursor={cursor}&stars[gte]=3"),
    )
    .await;
    assert_eq!(titles(&again.rows), ["50%_off", "fourth"]);
    let (kind, text, hint) = refused(&format!("cursor={cursor}&stars[gte]=4"));
    assert_eq!(kind, FaultKind::Invalid);
    assert_eq!(
        text,
        "query parameter \"cursor\" belongs to a list with another filter or order"
    );
    assert!(hint.contains("same parameters"), "{hint}");
    // The empty cursor is the first page.
    assert_eq!(list(&db, "cursor=").await.rows.len(), 4);
}

#[test]
fn what_is_not_allowed_is_refused_by_name() {
    const FIELDS: &str = "allowed are: id, created_at, updated_at, created_by, updated_by, deleted_at, is_active, title, \
                          blurb, tags, author_id, editor_id, shape, metadata, stars, price, seen_from";
    let check = |query: &str, kind: FaultKind, text: &str, hint: &str| {
        assert_eq!(
            refused(query),
            (kind, String::from(text), String::from(hint)),
            "{query}"
        );
    };
    let unknown = "is not one of the fields that are allowed here";
    check(
        "titel=x",
        FaultKind::UnknownColumn,
        &format!("query parameter \"titel\" {unknown}"),
        FIELDS,
    );
    // Hashes, secrets and what no text stands for are not there at all.
    check(
        "secret=x",
        FaultKind::UnknownColumn,
        &format!("query parameter \"secret\" {unknown}"),
        FIELDS,
    );
    check(
        "words=x",
        FaultKind::UnknownColumn,
        &format!("query parameter \"words\" {unknown}"),
        FIELDS,
    );
    let sortable = FIELDS.replace("tags, ", "").replace("metadata, ", "");
    check(
        "sort=titel",
        FaultKind::UnknownColumn,
        &format!("query parameter \"sort\" names \"titel\", which {unknown}"),
        &sortable,
    );
    check(
        "sort=-tags",
        FaultKind::UnknownColumn,
        &format!("query parameter \"sort\" names \"tags\", which {unknown}"),
        &sortable,
    );
    let invalid = |query: &str, text: &str| check(query, FaultKind::Invalid, text, "");
    invalid(
        "stars=many",
        "query parameter \"stars\" must be a whole number from -2147483648 to 2147483647",
    );
    invalid(
        "stars=2147483648",
        "query parameter \"stars\" must be a whole number from -2147483648 to 2147483647",
    );
    invalid(
        "shape=stone",
        "query parameter \"shape\" must be one of paper, audio",
    );
    invalid(
        "shape[in]=paper,stone",
        "query parameter \"shape[in]\" must be a list of values, each one of paper, audio",
    );
    invalid(
        "author_id=1",
        "query parameter \"author_id\" must be a UUID",
    );
    invalid("price=1,5", "query parameter \"price\" must be a number");
    invalid(
        "title=a%00b",
        "query parameter \"title\" must be text without NUL characters",
    );
    invalid(
        "is_active=1",
        "query parameter \"is_active\" must be true or false",
    );
    invalid(
        "is_active[lt]=true",
        "query parameter \"is_active[lt]\" does not have that operator; it has eq, ne, in, not_in",
    );
    invalid(
        "stars[contains]=1",
        "query parameter \"stars[contains]\" does not have that operator; it has eq, ne, lt, lte, gt, gte, in, not_in, null",
    );
    invalid(
        "limit=0",
        "query parameter \"limit\" must be a number from 1 to 100",
    );
    invalid(
        "limit=101",
        "query parameter \"limit\" must be a number from 1 to 100",
    );
    invalid(
        "limit=1&limit=2",
        "query parameter \"limit\" is there more than once",
    );
    invalid(
        "sort=title&sort=stars",
        "query parameter \"sort\" is there more than once",
    );
    invalid(
        "total=yes",
        "query parameter \"total\" must be true or false",
    );
    let many = "title=x&".repeat(51);
    assert_eq!(refused(&many).0, FaultKind::Limit);
    assert_eq!(
        refused(&format!("title={}", "x".repeat(9_000))).0,
        FaultKind::Limit
    );
    assert_eq!(
        refused(&format!("stars[in]={}1", "1,".repeat(1_000))).0,
        FaultKind::Invalid
    );
}

#[test]
fn a_service_narrows_what_clients_may_ask() {
    let rules = QueryRules::<Book>::new()
        .only(&[&Book::TITLE, &Book::SECRET])
        .rows(5, 10);
    assert!(rules.parse("title=x&sort=title&limit=10").is_ok());
    assert_eq!(rules.parse("title=x").unwrap().page().rows(), 5);
    assert_eq!(
        rules.parse("stars=1").unwrap_err().hint(),
        Some("allowed are: title")
    );
    // What the model keeps private stays private.
    assert!(rules.parse("secret=x").is_err());
    assert!(rules.parse("limit=11").is_err());
    assert!(
        QueryRules::<Author>::new()
            .parse("name=ada&sort=-created_at")
            .is_ok()
    );
}
