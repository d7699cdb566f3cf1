//! Related rows of many rows, each kind by one statement.

use super::shelf::{Author, Book, author, authors, books, shelf, titles};
use crate::recorder::Recorder;
use underpin_model::Repository;

#[tokio::test]
async fn children_of_many_parents_come_at_once() {
    let db = shelf().await;
    let writers = authors(&db).find_all().all().await.unwrap();
    let written = books(&db)
        .load_related(&writers, Book::AUTHOR_ID)
        .await
        .unwrap();
    assert_eq!(written.len(), 2, "every parent has its list");
    let mut of_ada = titles(&written[&author(1)]);
    of_ada.sort_unstable();
    assert_eq!(of_ada, ["first steps", "second run"]);
    assert_eq!(titles(&written[&author(2)]), ["50%_off"]);
    let edited = books(&db)
        .load_related(&writers, Book::EDITOR_ID)
        .await
        .unwrap();
    assert!(edited[&author(1)].is_empty());
    // Which children and in which order is said as for any list.
    let list = books(&db);
    let list = list
        .find(Book::STARS.is_null())
        .with_deleted()
        .order_by(Book::TITLE.desc());
    let some = list.load_related(&writers, Book::AUTHOR_ID).await.unwrap();
    assert_eq!(titles(&some[&author(1)]), ["second run", "gone"]);
}

#[tokio::test]
async fn parents_of_many_children_come_at_once() {
    let db = shelf().await;
    let all = books(&db).find_all().all().await.unwrap();
    let writers = authors(&db)
        .load_parents(&all, Book::AUTHOR_ID)
        .await
        .unwrap();
    assert_eq!(writers[&author(1)].name, "ada");
    assert!(!writers.contains_key(&author(3)), "deleted");
    let editors = authors(&db)
        .find_all()
        .with_deleted()
        .load_parents(&all, Book::EDITOR_ID)
        .await
        .unwrap();
    let mut names: Vec<&str> = editors
        .values()
        .map(|author| author.name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["bob", "cyd"]);
}

#[tokio::test]
async fn a_hundred_parents_are_one_statement_and_none_is_no_statement() {
    let db = shelf().await;
    let one = authors(&db).find_all().first().await.unwrap().unwrap();
    let book = books(&db).find_all().first().await.unwrap().unwrap();
    let recorder = Recorder::default();
    let books: Repository<Book, _> = Repository::new(&recorder);
    let authors: Repository<Author, _> = Repository::new(&recorder);
    books
        .load_related(&vec![one; 100], Book::AUTHOR_ID)
        .await
        .unwrap();
    authors
        .load_parents(&vec![book; 100], Book::AUTHOR_ID)
        .await
        .unwrap();
    assert_eq!(recorder.statements().len(), 2);
    books.load_related(&[], Book::AUTHOR_ID).await.unwrap();
    authors
        .load_parents::<Book, _>(&[], Book::EDITOR_ID)
        .await
        .unwrap();
    assert_eq!(recorder.statements().len(), 2);
}
