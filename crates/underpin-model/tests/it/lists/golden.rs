//! The statements of lists, as recorded.

use super::shelf::{Author, Book, Shape, shelf};
use crate::recorder::Recorder;
use serde_json::json;
use underpin_model::{Filter, Find, PageRequest, QueryRules, Range, Repository};

fn books(recorder: &Recorder) -> Repository<Book, &Recorder> {
    Repository::new(recorder)
}

/// Compares with `tests/sql/<name>.sql`: a comment and a statement for each entry.
fn check(name: &str, statements: &[(&str, String)]) {
    let entries: Vec<String> = statements
        .iter()
        .map(|(what, sql)| {
            format!(
                "-- {what}
{sql}
"
            )
        })
        .collect();
    let text = entries.join(
        "
",
    );
    crate::compare_with_golden_file(&format!("{name}.sql"), &text);
}

#[test]
fn conditions_are_as_recorded() {
    let condition = |what, filter: Filter<Book>| (what, format!("{filter:?}"));
    let now = jiff::Timestamp::UNIX_EPOCH;
    check(
        "conditions",
        &[
            condition("eq", Book::TITLE.eq("a")),
            condition("ne", Book::TITLE.ne("a")),
            condition("ne, nullable", Book::STARS.ne(1)),
            condition("lt", Book::STARS.lt(1)),
            condition("le", Book::STARS.le(1)),
            condition("gt", Book::STARS.gt(1)),
            condition("ge", Book::STARS.ge(1)),
            condition("between", Book::STARS.between(1, 2)),
            condition("in", Book::STARS.is_in([1, 2])),
            condition("not in", Book::SHAPE.not_in([Shape::Paper])),
            condition("not in, nullable", Book::STARS.not_in([1])),
            condition("true", Book::IS_ACTIVE.is_true()),
            condition("false", Book::IS_ACTIVE.is_false()),
            condition("null", Book::STARS.is_null()),
            condition("not null", Book::STARS.is_not_null()),
            condition("like", Book::TITLE.starts_with("a")),
            condition("ilike", Book::TITLE.includes("a")),
            condition("resembles", Book::TITLE.resembles("a")),
            condition("array contains", Book::TAGS.contains(["a"])),
            condition("array contained by", Book::TAGS.contained_by(["a"])),
            condition("array overlaps", Book::TAGS.overlaps(["a"])),
            condition("array empty", Book::TAGS.is_empty()),
            condition("json contains", Book::METADATA.contains(json!({}))),
            condition("json key", Book::METADATA.has_key("a")),
            condition("json any key", Book::METADATA.has_any_key(["a"])),
            condition("json all keys", Book::METADATA.has_all_keys(["a"])),
            condition("json path", Book::METADATA.path(["a"]).eq(1)),
            condition("json path text", Book::METADATA.path(["a"]).text_in(["b"])),
            condition("json path pattern", Book::METADATA.path(["a"]).ilike("b")),
            condition("json path exists", Book::METADATA.path(["a"]).exists()),
            condition(
                "sql/json path",
                Book::METADATA.path_exists("$.a ? (@ > $b)", json!({"b": 1})),
            ),
            condition("full text", Book::WORDS.matches("a")),
            condition(
                "full text in a language",
                Book::WORDS.matches_in("english", "a"),
            ),
            condition("range contains value", Book::LENT.contains_value(now)),
            condition("range overlaps", Book::LENT.overlaps(Range::Empty)),
            condition("range before", Book::LENT.is_before(now..now)),
            condition("range after", Book::LENT.is_after(now..now)),
            condition("range adjacent", Book::LENT.is_adjacent_to(now..now)),
            condition("network", Book::SEEN_FROM.within([10, 0, 0, 0], 8)),
            condition(
                "and",
                Book::TITLE
                    .eq("a")
                    .and(Book::STARS.eq(1))
                    .and(Book::PRICE.eq(1)),
            ),
            condition(
                "or in and",
                Book::TITLE
                    .eq("a")
                    .or(Book::STARS.eq(1))
                    .and(Book::PRICE.eq(1)),
            ),
            condition(
                "and in or",
                Book::TITLE
                    .eq("a")
                    .and(Book::PRICE.eq(1))
                    .or(Book::STARS.eq(1)),
            ),
            condition("not", !Book::TITLE.eq("a")),
            condition("not, nullable", !Book::STARS.eq(1).or(Book::TITLE.eq("a"))),
            condition("all of none", Filter::all([])),
            condition("any of none", Filter::any([])),
        ],
    );
}

#[test]
fn lists_are_as_recorded() {
    let recorder = Recorder::default();
    let books = books(&recorder);
    let by_ada = Book::AUTHOR_ID.has_parent(Author::NAME.eq("ada"));
    let siblings = Book::AUTHOR_ID.has_parent(Book::AUTHOR_ID.has_child(Book::STARS.eq(5)));
    let authors: Repository<Author, _> = Repository::new(&recorder);
    check(
        "lists",
        &[
            ("all", books.find_all().statement().sql().into()),
            (
                "with deleted",
                books.find_all().with_deleted().statement().sql().into(),
            ),
            (
                "only deleted",
                books
                    .find(Book::STARS.eq(1))
                    .only_deleted()
                    .statement()
                    .sql()
                    .into(),
            ),
            (
                "or",
                books
                    .find(Book::STARS.eq(1).or(Book::STARS.eq(2)))
                    .statement()
                    .sql()
                    .into(),
            ),
            (
                "order and limit",
                books
                    .find_all()
                    .order_by(Book::STARS.desc().nulls_last())
                    .order_by(Book::TITLE.asc())
                    .limit(5)
                    .statement()
                    .sql()
                    .into(),
            ),
            (
                "rank",
                books
                    .find_all()
                    .order_by(Book::WORDS.best_match("a"))
                    .statement()
                    .sql()
                    .into(),
            ),
            ("parent", books.find(by_ada).statement().sql().into()),
            (
                "parent's children",
                books.find(siblings).statement().sql().into(),
            ),
            (
                "child",
                authors
                    .find(Book::EDITOR_ID.has_child(Filter::all([])))
                    .statement()
                    .sql()
                    .into(),
            ),
            (
                "no child",
                authors
                    .find(!Book::EDITOR_ID.has_child(Filter::all([])))
                    .statement()
                    .sql()
                    .into(),
            ),
            (
                "search",
                books.search("a").unwrap().statement().sql().into(),
            ),
            (
                "search similar",
                books.search_similar("a").unwrap().statement().sql().into(),
            ),
        ],
    );
}

#[tokio::test]
async fn endings_are_as_recorded() {
    let recorder = Recorder::default();
    let books = books(&recorder);
    let list = || books.find(Book::STARS.eq(1));
    // Nothing answers: only what was asked counts.
    let _ = list().count().await;
    let _ = list().exists().await;
    let _ = list().first().await;
    let _ = list().one().await;
    let _ = list().all().await;
    let _ = list().count_by(Book::SHAPE).await;
    let _ = list().min(Book::PRICE).await;
    let _ = list().max(Book::PRICE).await;
    let _ = list().sum(Book::PRICE).await;
    let _ = list().avg(Book::PRICE).await;
    let names = [
        "count", "exists", "first", "one", "all", "count by", "min", "max", "sum", "avg",
    ];
    let statements: Vec<(&str, String)> = names.into_iter().zip(recorder.statements()).collect();
    assert_eq!(statements.len(), names.len());
    check("endings", &statements);
}

#[test]
fn query_strings_are_as_recorded() {
    let recorder = Recorder::default();
    let books = books(&recorder);
    let statement = |query: &'static str| {
        let list = QueryRules::new().parse(query).unwrap();
        let found = books.find_by_query(&list).unwrap();
        (
            query,
            String::from(found.page_statement(&PageRequest::first(1)).unwrap().sql()),
        )
    };
    check(
        "query_strings",
        &[
            statement("sort=id"),
            statement("shape=paper&tags=a,b&created_at[gte]=2026-01-01&sort=-created_at&limit=50"),
            statement("stars[in]=1,2&stars[not_in]=3&stars[null]=false"),
            statement("title[contains]=a&title[starts_with]=b&tags[any]=c&metadata=[]"),
            statement("search=a&stars[ne]=1&title[ne]=b&sort=stars,-title"),
        ],
    );
}

#[tokio::test]
async fn pages_are_as_recorded() {
    let db = shelf().await;
    let books = super::shelf::books(&db);
    let mut statements = Vec::new();
    for (what, orders) in [
        ("by key", vec![]),
        ("one direction", vec![Book::CREATED_AT.desc()]),
        (
            "both directions",
            vec![Book::CREATED_AT.desc(), Book::TITLE.asc()],
        ),
        (
            "nulls last, descending, after a value",
            vec![Book::STARS.desc().nulls_last()],
        ),
        (
            "nulls last, ascending, after a value",
            vec![Book::STARS.asc(), Book::TITLE.desc()],
        ),
        ("nulls first, after a null", vec![Book::STARS.desc()]),
    ] {
        let list = || {
            orders
                .iter()
                .cloned()
                .fold(books.find_all(), Find::order_by)
        };
        let cursor = list()
            .page(PageRequest::first(1))
            .await
            .unwrap()
            .next
            .unwrap();
        let next = PageRequest::first(1).after(cursor);
        statements.push((
            what,
            String::from(list().page_statement(&next).unwrap().sql()),
        ));
    }
    check("pages", &statements);
}

#[tokio::test]
async fn relations_are_as_recorded() {
    let db = shelf().await;
    let book = super::shelf::books(&db)
        .find_all()
        .first()
        .await
        .unwrap()
        .unwrap();
    let author = super::shelf::authors(&db)
        .find_all()
        .first()
        .await
        .unwrap()
        .unwrap();
    let recorder = Recorder::default();
    let authors: Repository<Author, _> = Repository::new(&recorder);
    books(&recorder)
        .load_related(&[author], Book::EDITOR_ID)
        .await
        .unwrap();
    authors
        .load_parents(&[book], Book::AUTHOR_ID)
        .await
        .unwrap();
    let statements: Vec<_> = ["children", "parents"]
        .into_iter()
        .zip(recorder.statements())
        .collect();
    check("relations", &statements);
}

#[cfg(feature = "vector")]
#[test]
fn distances_are_as_recorded() {
    use underpin_model::{Column, Vector};
    let recorder = Recorder::default();
    let books = books(&recorder);
    let embedding = Column::<Book, Vector>::new("embedding", |_| Vector::from(Vec::new()));
    let near = || Vector::from(vec![1.0, 2.0]);
    let nearest = |distance: underpin_model::Distance<Book>| {
        let list = books
            .find_all()
            .with_deleted()
            .order_by(distance.nearest())
            .limit(5);
        String::from(list.statement().sql())
    };
    check(
        "distances",
        &[
            ("l2", nearest(embedding.l2_distance(near()))),
            ("cosine", nearest(embedding.cosine_distance(near()))),
            ("inner product", nearest(embedding.inner_product(near()))),
            ("l1", nearest(embedding.l1_distance(near()))),
            (
                "at most",
                format!("{:?}", embedding.cosine_distance(near()).at_most(0.5)),
            ),
        ],
    );
}
