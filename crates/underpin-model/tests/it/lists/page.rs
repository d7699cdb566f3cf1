//! Pages, streams and the other endings of a list.

use super::shelf::{Book, author, books, empty_shelf, shelf, titles};
use crate::recorder::Recorder;
use futures_util::TryStreamExt;
use std::collections::BTreeSet;
use underpin_model::FromRow;
use underpin_model::{
    Cursor, ErrorKind, FaultKind, Find, Order, PAGE_ROWS_MAX, Page, PageRequest, Repository,
};
use underpin_testkit::{TestDb, cancel_after};

/// Rows with many equal values and NULLs.
async fn many(rows: u32) -> TestDb {
    let db = empty_shelf().await;
    let sql = "
        WITH ada AS (INSERT INTO authors (id, name) VALUES ($1, 'ada') RETURNING id)
        INSERT INTO books (author_id, title, stars, price, blurb, created_at)
        SELECT ada.id, 'b' || n % 7, nullif(n % 5, 0), n % 3, CASE WHEN n % 4 > 0 THEN 'x' || n % 2 END,
               timestamptz '2026-01-01Z' + n % 6 * interval '1.000001 seconds'
        FROM ada, generate_series(1, $2::int) AS n";
    let rows = i32::try_from(rows).unwrap();
    db.database()
        .execute(sql, &[&author(1), &rows])
        .await
        .unwrap();
    db
}

/// Walks all pages and returns the ids in the order they came.
async fn walk(db: &TestDb, orders: &[Order<Book>], page_rows: u32) -> Vec<String> {
    let books = books(db);
    let mut request = PageRequest::first(page_rows);
    let mut ids = Vec::new();
    loop {
        let list = orders
            .iter()
            .cloned()
            .fold(books.find_all(), |list, order| list.order_by(order));
        let page = list.page(request).await.unwrap();
        ids.extend(page.rows.iter().map(|book| book.id().to_string()));
        let Some(next) = page.next else { return ids };
        assert_eq!(page.rows.len(), page_rows as usize);
        // As a client hands it back.
        request = PageRequest::first(page_rows).after(next.to_string().parse().unwrap());
    }
}

/// All orders of up to two of the columns, in both directions and with NULLs at both ends, and what they are in SQL.
fn orders() -> Vec<(Vec<Order<Book>>, String)> {
    let one = |order: fn(bool) -> Order<Book>, name: &'static str, nullable: bool| {
        let mut keys = Vec::new();
        for descending in [false, true] {
            let direction = if descending { "DESC" } else { "ASC" };
            keys.push((order(descending), format!("{name} {direction}"), descending));
            if nullable {
                let first = order(descending).nulls_first();
                keys.push((first, format!("{name} {direction} NULLS FIRST"), descending));
                let last = order(descending).nulls_last();
                keys.push((last, format!("{name} {direction} NULLS LAST"), descending));
            }
        }
        keys
    };
    let mut keys = Vec::new();
    keys.extend(one(
        |down| {
            if down {
                Book::TITLE.desc()
            } else {
                Book::TITLE.asc()
            }
        },
        "title",
        false,
    ));
    keys.extend(one(
        |down| {
            if down {
                Book::STARS.desc()
            } else {
                Book::STARS.asc()
            }
        },
        "stars",
        true,
    ));
    keys.extend(one(
        |down| {
            if down {
                Book::BLURB.desc()
            } else {
                Book::BLURB.asc()
            }
        },
        "blurb",
        true,
    ));
    keys.extend(one(
        |down| {
            if down {
                Book::CREATED_AT.desc()
            } else {
                Book::CREATED_AT.asc()
            }
        },
        "created_at",
        false,
    ));
    let id = |descending| if descending { "id DESC" } else { "id" };
    let mut orders = vec![(Vec::new(), String::from("id"))];
    for (first, first_sql, descending) in &keys {
        orders.push((
            vec![first.clone()],
            format!("{first_sql}, {}", id(*descending)),
        ));
        for (second, second_sql, descending) in &keys {
            // Named twice, a column counts once, and so does its direction.
            if first_sql.split(' ').next() == second_sql.split(' ').next() {
                continue;
            }
            let sql = format!("{first_sql}, {second_sql}, {}", id(*descending));
            orders.push((vec![first.clone(), second.clone()], sql));
        }
    }
    orders
}

#[tokio::test]
async fn pages_in_every_order_are_the_full_sort_cut_up() {
    let db = many(60).await;
    for (index, (orders, sql)) in orders().into_iter().enumerate() {
        let sql = format!("SELECT id::text FROM books ORDER BY {sql}");
        let full: Vec<(String,)> = db.database().query_as(&sql, &[]).await.unwrap();
        let full: Vec<String> = full.into_iter().map(|(id,)| id).collect();
        let page_rows = [1, 7, 20, 59, 60, 100][index % 6];
        assert_eq!(
            walk(&db, &orders, page_rows).await,
            full,
            "{sql} by {page_rows}"
        );
    }
}

#[tokio::test]
async fn a_walk_back_meets_the_same_pages() {
    let db = many(60).await;
    let books = books(&db);
    for (index, (orders, sql)) in orders().into_iter().enumerate() {
        let page = async |cursor: Option<Cursor>| {
            let mut request = PageRequest::first([7, 20, 59][index % 3]);
            if let Some(cursor) = cursor {
                request = request.after(cursor.to_string().parse().unwrap());
            }
            let list = books.find_all();
            let list = orders.iter().cloned().fold(list, Find::order_by);
            list.page(request).await.unwrap()
        };
        let ids = |page: &Page<Book>| page.rows.iter().map(Book::id).collect::<Vec<_>>();
        let mut pages = vec![page(None).await];
        while let Some(next) = pages.last().unwrap().next.clone() {
            pages.push(page(Some(next)).await);
        }
        let mut here = pages.pop().unwrap();
        while let Some(before) = pages.pop() {
            let next = ids(&here);
            here = page(here.previous).await;
            assert_eq!(ids(&here), ids(&before), "{sql}");
            assert_eq!(ids(&page(here.next.clone()).await), next, "{sql}");
        }
        assert!(here.previous.is_none(), "{sql}");
    }
}

#[tokio::test]
async fn a_walk_under_inserts_neither_repeats_nor_skips() {
    let db = many(40).await;
    let before: BTreeSet<String> = walk(&db, &[], 100).await.into_iter().collect();
    let books = books(&db);
    let mut request = PageRequest::first(5);
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = books
            .find_all()
            .order_by(Book::STARS.desc())
            .page(request)
            .await
            .unwrap();
        seen.extend(page.rows.iter().map(|book| book.id().to_string()));
        let sql = "INSERT INTO books (author_id, title, stars) SELECT $1, 'new', n FROM generate_series(0, 5) AS n";
        db.database().execute(sql, &[&author(1)]).await.unwrap();
        pages += 1;
        // New rows come at every place, so that the walk would never end where they fall behind the cursor.
        let Some(next) = page.next.filter(|_| pages < 100) else {
            break;
        };
        request = PageRequest::first(5).after(next);
        if seen.iter().filter(|id| before.contains(*id)).count() == before.len() {
            break;
        }
    }
    let old: Vec<&String> = seen.iter().filter(|id| before.contains(*id)).collect();
    let distinct: BTreeSet<&String> = old.iter().copied().collect();
    assert_eq!(old.len(), distinct.len(), "a row came twice");
    assert_eq!(distinct.len(), before.len(), "a row was skipped");
}

#[tokio::test]
async fn the_total_is_counted_on_demand() {
    let db = many(10).await;
    let books = books(&db);
    let page = books
        .find(Book::TITLE.ne("b0"))
        .page(PageRequest::first(3))
        .await
        .unwrap();
    assert_eq!(page.total, None);
    let cursor = page.next.unwrap();
    let rest = PageRequest::first(3).after(cursor);
    let page = books
        .find(Book::TITLE.ne("b0"))
        .total()
        .page(rest)
        .await
        .unwrap();
    assert_eq!(page.total, Some(9));
}

#[tokio::test]
async fn cursors_of_other_lists_and_forged_ones_are_refused() {
    let db = shelf().await;
    let books = books(&db);
    let by_title = || books.find_all().order_by(Book::TITLE.asc());
    let cursor = by_title()
        .page(PageRequest::first(1))
        .await
        .unwrap()
        .next
        .unwrap();
    let refused = |list: Find<'_, Book, _>, cursor: &Cursor| {
        let request = PageRequest::first(1).after(cursor.clone());
        let error = list.page_statement(&request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), "the cursor is not one of this list");
        assert!(error.hint().is_some());
    };
    assert!(
        by_title()
            .page_statement(&PageRequest::first(1).after(cursor.clone()))
            .is_ok()
    );
    refused(books.find_all(), &cursor);
    refused(books.find_all().order_by(Book::TITLE.desc()), &cursor);
    refused(by_title().order_by(Book::STARS.asc()), &cursor);
}

#[tokio::test]
async fn pages_have_a_size() {
    let db = shelf().await;
    let books = books(&db);
    for rows in [0, PAGE_ROWS_MAX + 1, u32::MAX] {
        let error = books
            .find_all()
            .page(PageRequest::first(rows))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&rows.to_string()), "{error}");
    }
    let page = books
        .find_all()
        .page(PageRequest::first(PAGE_ROWS_MAX))
        .await
        .unwrap();
    assert_eq!((page.rows.len(), page.next), (4, None));
}

#[tokio::test]
async fn an_order_by_rank_has_no_pages() {
    let db = shelf().await;
    let list = books(&db);
    let error = list
        .find_all()
        .order_by(Book::WORDS.best_match("run"))
        .page(PageRequest::first(1))
        .await
        .unwrap_err();
    assert_eq!(error.fault().unwrap().kind, FaultKind::Limit);
    assert!(error.hint().unwrap().contains("limit"));
}

#[tokio::test]
async fn streams_read_all_rows_by_pages() {
    let db = many(2_500).await;
    let books = books(&db);
    let ids: Vec<String> = books
        .find_all()
        .order_by(Book::STARS.desc())
        .stream()
        .map_ok(|book| book.id().to_string())
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, walk(&db, &[Book::STARS.desc()], 10_000).await);
    let some: Vec<Book> = books
        .find_all()
        .limit(1_200)
        .stream()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(some.len(), 1_200);
}

#[tokio::test]
async fn one_first_and_exists_say_how_many_there_are() {
    let db = shelf().await;
    let books = books(&db);
    let named = |title: &str| books.find(Book::TITLE.eq(title));
    assert_eq!(named("fourth").one().await.unwrap().title, "fourth");
    assert_eq!(
        named("none").one().await.unwrap_err().fault().unwrap().kind,
        FaultKind::NotFound
    );
    let several = books.find_all().one().await.unwrap_err();
    assert_eq!(several.kind(), ErrorKind::TooManyRows);
    assert!(several.is(FaultKind::TooManyRows) && several.hint().is_some());
    assert!(named("none").first().await.unwrap().is_none());
    let newest = books
        .find_all()
        .order_by(Book::CREATED_AT.desc())
        .first()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(newest.title, "fourth");
    assert!(named("fourth").exists().await.unwrap());
    assert!(!named("gone").exists().await.unwrap());
    let two = books
        .find_all()
        .order_by(Book::TITLE.asc())
        .limit(2)
        .all()
        .await
        .unwrap();
    assert_eq!(titles(&two), ["50%_off", "first steps"]);
}

#[tokio::test]
async fn workers_share_a_queue_by_skipping_locked_rows() {
    let db = shelf().await;
    let (one, two) = (
        db.database().begin().await.unwrap(),
        db.database().begin().await.unwrap(),
    );
    let take = |tx| async move {
        let books: Repository<Book, _> = Repository::new(tx);
        let list = books
            .find_all()
            .order_by(Book::CREATED_AT.asc())
            .limit(2)
            .skip_locked();
        list.all()
            .await
            .unwrap()
            .into_iter()
            .map(|book| book.title)
            .collect::<Vec<_>>()
    };
    assert_eq!(take(&one).await, ["first steps", "second run"]);
    assert_eq!(take(&two).await, ["50%_off", "fourth"]);
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
}

#[tokio::test]
async fn a_dropped_page_leaves_nothing_behind() {
    let db = shelf().await;
    let books = books(&db);
    for polls in 0.. {
        let page = books.find_all().total().page(PageRequest::first(2));
        let done = cancel_after(polls, Box::pin(page)).await.is_some();
        db.assert_clean().await;
        if done {
            break;
        }
    }
}

#[tokio::test]
async fn the_same_question_with_other_values_is_the_same_statement() {
    let recorder = Recorder::default();
    let books: Repository<Book, _> = Repository::new(&recorder);
    for n in [1_i32, 2, 40_000] {
        let tags = (0..n % 5).map(|tag| tag.to_string());
        let filter = Book::STARS
            .is_in([n, n + 1])
            .and(Book::TAGS.contains(tags))
            .and(Book::TITLE.includes("'%"));
        let found = books
            .find(filter)
            .limit(u32::try_from(n).unwrap())
            .all()
            .await
            .unwrap();
        assert!(found.is_empty());
    }
    let statements: BTreeSet<String> = recorder.statements().into_iter().collect();
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

/// Less than a book: what a list of titles shows.
#[derive(Debug, PartialEq, FromRow)]
struct Spine {
    title: String,
    #[from_row(column = "stars")]
    rating: Option<i32>,
}

#[tokio::test]
async fn a_list_reads_only_the_columns_that_are_named() {
    let db = shelf().await;
    let books = books(&db);
    let list = || books.find(Book::STARS.is_null()).limit(5);
    let statement = list().statement_as::<Spine>();
    let columns = r#"SELECT "title", "stars" FROM "books""#;
    assert!(statement.sql().starts_with(columns), "{}", statement.sql());
    let spine = Spine {
        title: "second run".into(),
        rating: None,
    };
    assert_eq!(list().all_as::<Spine>().await.unwrap(), [spine]);

    #[derive(Debug, FromRow)]
    struct Wrong {
        #[expect(dead_code, reason = "there is no such column")]
        colour: String,
    }
    let error = books.find_all().all_as::<Wrong>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
}
