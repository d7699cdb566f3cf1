//! What each condition finds, and that its opposite finds all the rest.

use super::shelf::{Author, Book, Shape, author, authors, books, shelf, titles};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::json;
use underpin_model::{Filter, Id};
use underpin_testkit::TestDb;

const ALL: [&str; 4] = ["50%_off", "first steps", "fourth", "second run"];

/// Books found by the condition are these, books found by its opposite are all others.
async fn check(db: &TestDb, filter: Filter<Book>, expected: &[&str]) {
    let question = format!("{filter:?}");
    let found = |filter| async {
        let list = books(db)
            .find(filter)
            .order_by(Book::TITLE.asc())
            .all()
            .await;
        let list =
            list.unwrap_or_else(|error| panic!("{question}: {}", underpin_core::Chain(&error)));
        titles(&list)
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(filter.clone()).await, expected, "{question}");
    let others: Vec<&str> = ALL
        .into_iter()
        .filter(|title| !expected.contains(title))
        .collect();
    assert_eq!(found(!filter).await, others, "not {question}");
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn values_are_compared() {
    let db = shelf().await;
    check(&db, Book::TITLE.eq("fourth"), &["fourth"]).await;
    check(
        &db,
        Book::TITLE.ne("fourth"),
        &["50%_off", "first steps", "second run"],
    )
    .await;
    check(&db, Book::SHAPE.eq(Shape::Audio), &["fourth", "second run"]).await;
    check(&db, Book::PRICE.gt(Decimal::TEN), &["fourth", "second run"]).await;
    check(&db, Book::PRICE.le(Decimal::ONE), &["50%_off"]).await;
    check(&db, Book::STARS.lt(5), &["50%_off", "fourth"]).await;
    check(&db, Book::STARS.ge(5), &["first steps"]).await;
    check(
        &db,
        Book::CREATED_AT.between(time("2026-01-02T00:00:00Z"), time("2026-01-03T00:00:00Z")),
        &["50%_off", "second run"],
    )
    .await;
    check(&db, Book::IS_ACTIVE.eq(false), &[]).await;
    check(&db, Book::IS_ACTIVE.is_true(), &ALL).await;
    check(&db, Book::IS_ACTIVE.is_false(), &[]).await;
}

#[tokio::test]
async fn null_is_not_equal_to_any_value() {
    let db = shelf().await;
    check(&db, Book::STARS.eq(3), &["50%_off", "fourth"]).await;
    check(&db, Book::STARS.ne(3), &["first steps", "second run"]).await;
    check(
        &db,
        Book::STARS.is_in([3, 5]),
        &["50%_off", "first steps", "fourth"],
    )
    .await;
    check(&db, Book::STARS.not_in([3]), &["first steps", "second run"]).await;
    check(&db, Book::STARS.is_null(), &["second run"]).await;
    check(
        &db,
        Book::STARS.is_not_null(),
        &["50%_off", "first steps", "fourth"],
    )
    .await;
}

#[tokio::test]
async fn conditions_are_combined() {
    let db = shelf().await;
    let audio = || Book::SHAPE.eq(Shape::Audio);
    let paper = || Book::SHAPE.eq(Shape::Paper);
    check(&db, audio().and(Book::STARS.eq(3)), &["fourth"]).await;
    check(
        &db,
        audio().or(Book::STARS.eq(5)),
        &["first steps", "fourth", "second run"],
    )
    .await;
    check(
        &db,
        audio().or(paper()).and(Book::STARS.eq(5)),
        &["first steps"],
    )
    .await;
    check(
        &db,
        (audio().and(Book::STARS.eq(3))).or(paper().and(Book::STARS.eq(5))),
        &["first steps", "fourth"],
    )
    .await;
    check(&db, !(audio().or(Book::STARS.eq(5))), &["50%_off"]).await;
    check(&db, Filter::all([]), &ALL).await;
    check(&db, Filter::any([]), &[]).await;
    check(&db, Filter::any([audio(), paper()]), &ALL).await;
}

#[tokio::test]
async fn a_hundred_thousand_ids_are_one_parameter() {
    let db = shelf().await;
    let mut ids: Vec<Id<Author>> = (0..100_000).map(|_| Id::random()).collect();
    check(&db, Book::AUTHOR_ID.is_in(ids.clone()), &[]).await;
    ids.push(author(2));
    check(&db, Book::AUTHOR_ID.is_in(ids), &["50%_off"]).await;
    check(&db, Book::AUTHOR_ID.is_in(Vec::<Id<Author>>::new()), &[]).await;
    check(
        &db,
        Book::SHAPE.is_in([Shape::Paper]),
        &["50%_off", "first steps"],
    )
    .await;
}

#[tokio::test]
async fn patterns_and_literal_text_are_kept_apart() {
    let db = shelf().await;
    check(&db, Book::TITLE.like("f%"), &["first steps", "fourth"]).await;
    check(&db, Book::TITLE.ilike("F_RST%"), &["first steps"]).await;
    check(&db, Book::TITLE.starts_with("50%_"), &["50%_off"]).await;
    check(&db, Book::TITLE.starts_with("%"), &[]).await;
    check(&db, Book::TITLE.ends_with("_off"), &["50%_off"]).await;
    check(&db, Book::TITLE.includes("_"), &["50%_off"]).await;
    check(
        &db,
        Book::BLURB.includes("feet"),
        &["first steps", "fourth"],
    )
    .await;
    check(&db, Book::BLURB.includes("\\"), &["50%_off"]).await;
}

#[tokio::test]
async fn lists_contain_and_overlap() {
    let db = shelf().await;
    check(
        &db,
        Book::TAGS.contains(["walk"]),
        &["first steps", "fourth"],
    )
    .await;
    check(&db, Book::TAGS.contains(["walk", "run"]), &["fourth"]).await;
    check(
        &db,
        Book::TAGS.contained_by(["run", "swim"]),
        &["50%_off", "second run"],
    )
    .await;
    check(
        &db,
        Book::TAGS.overlaps(["run", "feet"]),
        &["first steps", "fourth", "second run"],
    )
    .await;
    check(&db, Book::TAGS.is_empty(), &["50%_off"]).await;
}

#[tokio::test]
async fn json_is_looked_into() {
    let db = shelf().await;
    check(
        &db,
        Book::METADATA.contains(json!({"lang": "en"})),
        &["first steps"],
    )
    .await;
    check(&db, Book::METADATA.has_key("new"), &["second run"]).await;
    check(
        &db,
        Book::METADATA.has_any_key(["new", "size"]),
        &["first steps", "fourth", "second run"],
    )
    .await;
    check(
        &db,
        Book::METADATA.has_all_keys(["lang", "size"]),
        &["first steps"],
    )
    .await;
    check(
        &db,
        Book::METADATA.path(["size", "pages"]).eq(500),
        &["fourth"],
    )
    .await;
    check(
        &db,
        Book::METADATA.path(["lang"]).text_in(["en", "de"]),
        &["first steps", "second run"],
    )
    .await;
    check(
        &db,
        Book::METADATA.path(["lang"]).ilike("E%"),
        &["first steps"],
    )
    .await;
    check(
        &db,
        Book::METADATA.path(["size"]).exists(),
        &["first steps", "fourth"],
    )
    .await;
    check(
        &db,
        Book::METADATA.path_exists("$.size.pages ? (@ > $least)", json!({"least": 100})),
        &["fourth"],
    )
    .await;
}

#[tokio::test]
async fn documents_are_searched_by_words() {
    let db = shelf().await;
    check(&db, Book::WORDS.matches("step"), &["first steps"]).await;
    check(
        &db,
        Book::WORDS.matches_in("english", "steps or running"),
        &["first steps", "second run"],
    )
    .await;
    check(
        &db,
        Book::WORDS.matches_in("english", "\" ' & | ! ( :*"),
        &[],
    )
    .await;
    let list = books(&db);
    let best = list
        .find(Book::WORDS.matches("run"))
        .order_by(Book::WORDS.best_match("run"))
        .first();
    assert_eq!(best.await.unwrap().unwrap().title, "second run");
}

#[tokio::test]
async fn ranges_and_addresses_have_their_own_questions() {
    let db = shelf().await;
    let (january, february, march) = (
        time("2026-01-01T00:00:00Z"),
        time("2026-02-01T00:00:00Z"),
        time("2026-03-01T00:00:00Z"),
    );
    check(&db, Book::LENT.contains_value(january), &["first steps"]).await;
    check(&db, Book::LENT.contains_value(february), &["second run"]).await;
    check(
        &db,
        Book::LENT.contains(january..february),
        &["first steps"],
    )
    .await;
    check(
        &db,
        Book::LENT.contained_by(january..march),
        &["first steps", "fourth", "second run"],
    )
    .await;
    check(
        &db,
        Book::LENT.overlaps(january..march),
        &["first steps", "second run"],
    )
    .await;
    check(&db, Book::LENT.is_before(february..march), &["first steps"]).await;
    check(&db, Book::LENT.is_after(january..february), &["second run"]).await;
    check(
        &db,
        Book::LENT.is_adjacent_to(january..february),
        &["second run"],
    )
    .await;
    check(
        &db,
        Book::SEEN_FROM.within([10, 0, 0, 0], 8),
        &["first steps", "second run"],
    )
    .await;
    check(
        &db,
        Book::SEEN_FROM.within([10, 1, 2, 3], 200),
        &["first steps"],
    )
    .await;
}

#[tokio::test]
async fn relations_are_asked_whether_there_is_a_row() {
    let db = shelf().await;
    let by_ada = Book::AUTHOR_ID.has_parent(Author::NAME.eq("ada"));
    check(&db, by_ada, &["first steps", "second run"]).await;
    // A deleted parent is none.
    check(
        &db,
        Book::AUTHOR_ID.has_parent(Filter::all([])),
        &["50%_off", "first steps", "second run"],
    )
    .await;
    check(
        &db,
        Book::EDITOR_ID.has_parent(Filter::all([])),
        &["second run"],
    )
    .await;
    // There and back: by authors who have another book that is audio.
    let with_audio = Book::AUTHOR_ID.has_child(Book::SHAPE.eq(Shape::Audio));
    check(
        &db,
        Book::AUTHOR_ID.has_parent(with_audio),
        &["first steps", "second run"],
    )
    .await;
    let authors = authors(&db);
    let of_gone = authors.find(Book::AUTHOR_ID.has_child(Book::TITLE.eq("gone")));
    assert!(!of_gone.exists().await.unwrap(), "a deleted child is none");
}

#[tokio::test]
async fn deleted_rows_are_left_out_unless_asked_for() {
    let db = shelf().await;
    let books = books(&db);
    assert_eq!(books.find_all().count().await.unwrap(), 4);
    assert_eq!(books.find_all().with_deleted().count().await.unwrap(), 5);
    let deleted = books.find_all().only_deleted().one().await.unwrap();
    assert_eq!(deleted.title, "gone");
    // An `or` does not let them in.
    let any = Book::TITLE.eq("gone").or(Book::TITLE.eq("fourth"));
    assert_eq!(titles(&books.find(any).all().await.unwrap()), ["fourth"]);
}
