//! Numbers over the rows of a list.

use super::shelf::{Book, Shape, books, shelf};
use rust_decimal::Decimal;

#[tokio::test]
async fn rows_are_counted_by_value() {
    let db = shelf().await;
    let by_stars = books(&db).find_all().count_by(Book::STARS).await.unwrap();
    assert_eq!(by_stars, [(Some(3), 2), (Some(5), 1), (None, 1)]);
    let by_shape = books(&db)
        .find(Book::STARS.eq(3))
        .with_deleted()
        .count_by(Book::SHAPE)
        .await
        .unwrap();
    assert_eq!(by_shape, [(Shape::Paper, 1), (Shape::Audio, 1)]);
}

#[tokio::test]
async fn smallest_largest_sum_and_mean_are_taken_of_the_list() {
    let db = shelf().await;
    let books = books(&db);
    assert_eq!(books.find_all().min(Book::STARS).await.unwrap(), Some(3));
    assert_eq!(
        books.find_all().max(Book::TITLE).await.unwrap().as_deref(),
        Some("second run")
    );
    assert_eq!(
        books.find_all().max(Book::SHAPE).await.unwrap(),
        Some(Shape::Audio)
    );
    assert!(
        books
            .find_all()
            .min(Book::AUTHOR_ID)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(books.find_all().sum(Book::STARS).await.unwrap(), Some(11));
    assert_eq!(
        books.find_all().sum(Book::PRICE).await.unwrap(),
        Some(Decimal::new(6075, 2))
    );
    assert_eq!(
        books
            .find(Book::STARS.eq(3))
            .avg(Book::STARS)
            .await
            .unwrap(),
        Some(3.0)
    );
    let none = || books.find(Book::TITLE.eq("none"));
    assert_eq!(none().min(Book::STARS).await.unwrap(), None);
    assert_eq!(none().sum(Book::STARS).await.unwrap(), None);
    assert_eq!(none().avg(Book::PRICE).await.unwrap(), None);
    assert!(none().count_by(Book::STARS).await.unwrap().is_empty());
}
