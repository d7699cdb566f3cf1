//! What goes wrong names the model, the field and the constraint.

use crate::fixture::{Fixture, user};
use crate::models::{Booking, NewBooking, NewNote, Note, NotePatch, User};
use jiff::civil::date;
use underpin_core::Chain;
use underpin_model::{Error, ErrorKind, FaultKind, Id, NewRow, Repositories, Set};

/// Kind, field and constraint of the first fault.
fn check(error: &Error, kind: FaultKind, field: Option<&str>, constraint: Option<&str>) {
    let fault = error
        .fault()
        .unwrap_or_else(|| panic!("no fault: {}", Chain(error)));
    assert_eq!(
        (
            fault.kind,
            fault.field.as_deref(),
            fault.constraint.as_deref()
        ),
        (kind, field, constraint),
        "{}",
        Chain(error)
    );
}

#[tokio::test]
async fn a_duplicate_names_its_field_and_not_its_value() {
    let fixture = Fixture::new().await;
    fixture.written("secret title").await;
    let error = fixture
        .notes()
        .create(fixture.note("secret title"), &fixture.actor)
        .await
        .unwrap_err();
    check(
        &error,
        FaultKind::Duplicate,
        Some("title"),
        Some("notes_title_idx"),
    );
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let text = Chain(&error).to_string();
    assert!(
        text.starts_with(
            "could not create Note: Note.title is what another row has (constraint notes_title_idx)"
        ),
        "{text}"
    );
    assert!(
        !text.contains("secret") && !format!("{error:?}").contains("secret"),
        "{text}"
    );
}

#[tokio::test]
async fn a_duplicate_key_of_two_columns_names_both() {
    let fixture = Fixture::new().await;
    let bookings = fixture.db.database().repository::<Booking>();
    let new = NewBooking {
        room: "blue".into(),
        day: date(2026, 5, 1),
        guest: "ada".into(),
    };
    bookings.create(new.clone(), &fixture.actor).await.unwrap();
    let error = bookings.create(new, &fixture.actor).await.unwrap_err();
    check(
        &error,
        FaultKind::Duplicate,
        Some("room, day"),
        Some("bookings_pkey"),
    );
}

#[tokio::test]
async fn a_foreign_key_that_does_not_exist_is_told_from_one_that_is_still_used() {
    let fixture = Fixture::new().await;
    let new = NewNote {
        owner_id: Id::now(),
        ..fixture.note("first")
    };
    let error = fixture
        .notes()
        .create(new, &fixture.actor)
        .await
        .unwrap_err();
    check(
        &error,
        FaultKind::ForeignKey,
        Some("owner_id"),
        Some("notes_owner_id_fkey"),
    );
    let database = fixture.db.database();
    database.batch("ALTER TABLE notes DROP CONSTRAINT notes_owner_id_fkey, ADD FOREIGN KEY (owner_id) REFERENCES users").await.unwrap();
    fixture.written("first").await;
    let error = fixture.users().purge(fixture.owner_id).await.unwrap_err();
    check(
        &error,
        FaultKind::ForeignKey,
        Some("id"),
        Some("notes_owner_id_fkey"),
    );
    assert!(error.fault().unwrap().message.contains("still pointed at"));
}

#[tokio::test]
async fn a_check_of_the_table_is_named() {
    let fixture = Fixture::new().await;
    fixture
        .db
        .database()
        .batch("ALTER TABLE notes ADD CHECK (title <> 'forbidden')")
        .await
        .unwrap();
    let error = fixture
        .notes()
        .create(fixture.note("forbidden"), &fixture.actor)
        .await
        .unwrap_err();
    check(&error, FaultKind::Check, None, Some("notes_title_check"));
}

#[tokio::test]
async fn all_that_is_wrong_with_a_row_is_said_at_once() {
    let fixture = Fixture::new().await;
    let new = NewNote {
        title: "x".repeat(256),
        owner_id: NewNote::default().owner_id,
        priority: Some(10),
        ..fixture.note("")
    };
    let error = fixture
        .notes()
        .create(new.clone(), &fixture.actor)
        .await
        .unwrap_err();
    let faults: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| (fault.kind, fault.field.as_deref().unwrap()))
        .collect();
    assert_eq!(
        faults,
        [
            (FaultKind::TooLong, "title"),
            (FaultKind::Null, "owner_id"),
            (FaultKind::Invalid, "priority"),
        ]
    );
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(new.validate().unwrap_err().faults(), error.faults());
    let empty = fixture
        .notes()
        .create(fixture.note(""), &fixture.actor)
        .await
        .unwrap_err();
    check(&empty, FaultKind::Invalid, Some("title"), None);
    let bad = fixture
        .users()
        .create(user("nobody"), &fixture.actor)
        .await
        .unwrap_err();
    check(&bad, FaultKind::Invalid, Some("email"), None);
}

#[tokio::test]
async fn a_patch_is_checked_as_a_new_row_is() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let patch = NotePatch {
        priority: Set(Some(-1)),
        ..NotePatch::default()
    };
    let error = fixture
        .notes()
        .update(id, patch, &fixture.actor)
        .await
        .unwrap_err();
    check(&error, FaultKind::Invalid, Some("priority"), None);
}

#[tokio::test]
async fn text_that_the_database_finds_too_long_is_told() {
    let fixture = Fixture::new().await;
    fixture
        .db
        .database()
        .batch("ALTER TABLE notes ALTER title TYPE varchar(5)")
        .await
        .unwrap();
    let error = fixture
        .notes()
        .create(fixture.note("longer"), &fixture.actor)
        .await
        .unwrap_err();
    check(&error, FaultKind::TooLong, None, None);
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_label_that_the_enum_does_not_know_is_named() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let database = fixture.db.database();
    database
        .batch("ALTER TYPE state ADD VALUE 'burnt'")
        .await
        .unwrap();
    database
        .batch("UPDATE notes SET state = 'burnt'")
        .await
        .unwrap();
    let error = fixture.notes().get(id).await.unwrap_err();
    check(&error, FaultKind::InvalidLabel, Some("state"), None);
    assert_eq!(error.kind(), ErrorKind::Decode);
    let listed = fixture.notes().find_all().all().await.unwrap_err();
    check(&listed, FaultKind::InvalidLabel, Some("state"), None);
    let text = Chain(&error).to_string();
    assert!(
        text.contains("Note.state enum state has no label \"burnt\""),
        "{text}"
    );
}

#[tokio::test]
async fn a_label_that_the_database_does_not_know_is_told() {
    let fixture = Fixture::new().await;
    let database = fixture.db.database();
    database
        .batch("ALTER TYPE state RENAME VALUE 'published' TO 'printed'")
        .await
        .unwrap();
    let mut new = fixture.note("first");
    new.state = Some(crate::models::State::Published);
    let error = fixture
        .notes()
        .create(new, &fixture.actor)
        .await
        .unwrap_err();
    check(&error, FaultKind::InvalidLabel, None, None);
}

#[tokio::test]
async fn null_in_a_field_that_is_none_is_named() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let database = fixture.db.database();
    database
        .batch("ALTER TABLE notes ALTER title DROP NOT NULL; UPDATE notes SET title = NULL")
        .await
        .unwrap();
    let error = fixture.notes().get(id).await.unwrap_err();
    check(&error, FaultKind::Null, Some("title"), None);
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_column_that_must_not_be_null_is_named() {
    let fixture = Fixture::new().await;
    fixture
        .db
        .database()
        .batch("ALTER TABLE notes ALTER priority SET NOT NULL")
        .await
        .unwrap();
    let error = fixture
        .notes()
        .create(fixture.note("first"), &fixture.actor)
        .await
        .unwrap_err();
    check(&error, FaultKind::Null, Some("priority"), None);
}

#[tokio::test]
async fn of_two_restores_that_clash_one_loses_and_says_why() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = fixture.written("same").await.id();
        notes.delete(id, actor).await.unwrap();
        ids.push(id);
    }
    let (one, other) = tokio::join!(notes.restore(ids[0], actor), notes.restore(ids[1], actor));
    let failed = match (one, other) {
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
        both => panic!("exactly one succeeds: {both:?}"),
    };
    check(
        &failed,
        FaultKind::Duplicate,
        Some("title"),
        Some("notes_title_idx"),
    );
}

#[tokio::test]
async fn a_model_without_its_table_is_an_error_with_its_cause() {
    let db = underpin_testkit::TestDb::empty().await;
    let error = db
        .database()
        .repository::<User>()
        .get(Id::now())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sql);
    assert!(
        Chain(&error).to_string().contains("could not get User: "),
        "{}",
        Chain(&error)
    );
    assert!(error.fault().is_none());
    let missing: Result<Note, Error> = db.database().repository::<Note>().get(Id::now()).await;
    assert!(missing.is_err());
}
