//! Search over the declared columns.

use super::shelf::{Book, authors, books, shelf, titles};
use underpin_model::{ErrorKind, FaultKind, SEARCH_CHARS_MAX};

#[tokio::test]
async fn searches_look_into_the_declared_columns() {
    let db = shelf().await;
    let check = async |text: &str, expected: &[&str]| {
        let list = books(&db);
        let found = list
            .search(text)
            .unwrap()
            .order_by(Book::TITLE.asc())
            .all()
            .await
            .unwrap();
        assert_eq!(titles(&found), expected, "{text}");
    };
    check("feet", &["first steps", "fourth"]).await;
    check("SECOND", &["second run"]).await;
    check("%", &["50%_off"]).await;
    check("\\", &["50%_off"]).await;
    check("gone", &[]).await;
    check("", &["50%_off", "first steps", "fourth", "second run"]).await;
}

#[tokio::test]
async fn similar_words_are_found_best_first() {
    let db = shelf().await;
    if db
        .database()
        .batch("CREATE EXTENSION pg_trgm")
        .await
        .is_err()
    {
        println!("skipped: the server has no pg_trgm");
        return;
    }
    let list = books(&db);
    let found = list
        .search_similar("secnd")
        .unwrap()
        .filter(Book::TITLE.ne("x"))
        .all()
        .await;
    // The word is found with a letter missing when half of it is alike.
    assert!(found.unwrap().is_empty(), "the default threshold is 0.6");
    let close = db.database().begin().await.unwrap();
    close
        .batch("SET LOCAL pg_trgm.word_similarity_threshold = 0.3")
        .await
        .unwrap();
    let found = list
        .on(&close)
        .search_similar("secnd")
        .unwrap()
        .all()
        .await
        .unwrap();
    assert_eq!(titles(&found)[0], "second run");
    close.rollback().await.unwrap();
}

#[tokio::test]
async fn searches_that_cannot_be_run_say_why() {
    let db = shelf().await;
    let list = authors(&db);
    let error = list.search("ada").unwrap_err();
    assert_eq!(error.fault().unwrap().kind, FaultKind::UnknownColumn);
    assert!(
        error.hint().unwrap().contains("#[model(search)]"),
        "{error}"
    );
    let list = books(&db);
    for text in ["a\0b", &"x".repeat(SEARCH_CHARS_MAX + 1)] {
        let error = list.search(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
