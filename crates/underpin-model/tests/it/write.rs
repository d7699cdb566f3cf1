//! One row: made, changed, deleted, brought back.

use crate::fixture::{Fixture, user};
use crate::models::{
    Booking, BookingPatch, Counter, CounterPatch, NewBooking, NewCounter, NewNote, Note, NotePatch,
    State, User,
};
use jiff::civil::date;
use std::time::Duration;
use underpin_model::{Actor, ErrorKind, FaultKind, Filter, Id, Json, Repositories, Set};
use underpin_testkit::wait_until;

#[tokio::test]
async fn a_new_row_has_an_id_a_clock_and_its_actor() {
    let fixture = Fixture::new().await;
    let note = fixture.written("first").await;
    assert_eq!(note.title, "first");
    assert_eq!(note.owner_id, fixture.owner_id);
    assert_eq!(note.state, State::Draft);
    assert_eq!(note.metadata, Json(serde_json::json!({})));
    assert_eq!(note.base.created_by.as_deref(), Some("ada"));
    assert_eq!(note.base.created_at, note.base.updated_at);
    assert_eq!(note.id().uuid().get_version_num(), 7);
    assert!(note.base.is_active() && !note.base.is_deleted());
    assert!(note.base.age().as_secs().abs() < 60);
}

#[tokio::test]
async fn what_has_a_default_can_be_given() {
    let fixture = Fixture::new().await;
    let mut new = fixture.note("first");
    let id = Id::now();
    new.id = Some(id);
    new.state = Some(State::InReview);
    new.priority = Some(3);
    let note = fixture.notes().create(new, &fixture.actor).await.unwrap();
    assert_eq!(
        (note.id(), note.state, note.priority),
        (id, State::InReview, Some(3))
    );
}

#[tokio::test]
async fn a_patch_changes_what_it_sets_and_stamps_the_row() {
    let fixture = Fixture::new().await;
    let before = fixture.written("first").await;
    let patch = NotePatch {
        title: Set("second".into()),
        ..NotePatch::default()
    };
    let after = fixture
        .notes()
        .update(before.id(), patch, &Actor::service("bot"))
        .await
        .unwrap();
    assert_eq!(after.title, "second");
    assert_eq!(after.base.updated_by.as_deref(), Some("service:bot"));
    assert_eq!(after.base.created_by.as_deref(), Some("ada"));
    assert!(after.base.updated_at > before.base.updated_at);
    let same = fixture
        .notes()
        .update(after.id(), NotePatch::default(), &fixture.actor)
        .await;
    assert_eq!(same.unwrap().base.updated_at, after.base.updated_at);
}

#[tokio::test]
async fn two_changes_in_one_transaction_move_the_time_twice() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let (notes, actor) = (&fixture.notes(), &fixture.actor);
    let times = fixture.db.database().transaction(async |tx| {
        let mut times = Vec::new();
        for title in ["a", "b", "c"] {
            let patch = NotePatch {
                title: Set(title.into()),
                ..NotePatch::default()
            };
            times.push(
                notes
                    .on(&tx)
                    .update(id, patch, actor)
                    .await?
                    .base
                    .updated_at,
            );
        }
        Ok::<_, underpin_model::Error>(times)
    });
    assert!(times.await.unwrap().is_sorted_by(|one, next| one < next));
}

#[tokio::test]
async fn a_row_that_someone_else_changed_is_not_overwritten() {
    let fixture = Fixture::new().await;
    let seen = fixture.written("first").await;
    let patch = |title: &str| NotePatch {
        title: Set(title.into()),
        ..NotePatch::default()
    };
    let notes = fixture.notes();
    notes
        .update_unchanged(&seen, patch("second"), &fixture.actor)
        .await
        .unwrap();
    let stale = notes
        .update_unchanged(&seen, patch("third"), &fixture.actor)
        .await
        .unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let fault = stale.fault().unwrap();
    assert_eq!(
        (fault.kind, fault.model, fault.field.as_deref()),
        (FaultKind::Stale, "Note", Some("updated_at"))
    );
    assert_eq!(notes.get(seen.id()).await.unwrap().title, "second");
    notes.purge(seen.id()).await.unwrap();
    let gone = notes
        .update_unchanged(&seen, patch("fourth"), &fixture.actor)
        .await
        .unwrap_err();
    assert!(gone.is(FaultKind::NotFound));
}

#[tokio::test]
async fn a_change_of_nothing_still_asks_whether_the_row_is_as_it_was() {
    let fixture = Fixture::new().await;
    let (seen, notes) = (fixture.written("first").await, fixture.notes());
    let (nothing, actor) = (NotePatch::default(), &fixture.actor);
    let same = notes.update_unchanged(&seen, nothing.clone(), actor).await;
    assert_eq!(same.unwrap().base.updated_at, seen.base.updated_at);
    notes
        .update(seen.id(), title("second"), actor)
        .await
        .unwrap();
    let stale = notes.update_unchanged(&seen, nothing, actor).await;
    assert!(stale.unwrap_err().is(FaultKind::Stale));
}

/// The second writer has sent its statement and waits for the row when the first one commits.
#[tokio::test]
async fn of_two_changes_at_once_the_second_is_stale() {
    let fixture = Fixture::new().await;
    let (db, notes, actor) = (fixture.db.database(), fixture.notes(), &fixture.actor);
    let seen = fixture.written("first").await;
    let tx = db.begin().await.unwrap();
    let first = notes.on(&tx);
    let first = first.update_unchanged(&seen, title("second"), actor).await;
    assert_eq!(first.unwrap().title, "second");
    let second = notes.update_unchanged(&seen, title("third"), actor);
    let commits = async {
        wait_for_a_blocked_session(&fixture).await;
        tx.commit().await.unwrap();
    };
    let (stale, ()) = tokio::join!(second, commits);
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::StaleVersion);
    assert_eq!(notes.get(seen.id()).await.unwrap().title, "second");

    // The same by version.
    let bookings = db.repository::<Booking>();
    let new = NewBooking {
        room: "blue".into(),
        day: date(2026, 5, 1),
        guest: "ada".into(),
    };
    let seen = bookings.create(new, actor).await.unwrap();
    let guest = |name: &str| BookingPatch {
        guest: Set(name.into()),
    };
    let tx = db.begin().await.unwrap();
    let first = bookings.on(&tx);
    let first = first.update_unchanged(&seen, guest("eve"), actor).await;
    assert_eq!(first.unwrap().revision, 2);
    let second = bookings.update_unchanged(&seen, guest("bob"), actor);
    let rolls_back = async {
        wait_for_a_blocked_session(&fixture).await;
        tx.rollback().await.unwrap();
    };
    // What the first one took back is no change.
    let (changed, ()) = tokio::join!(second, rolls_back);
    assert_eq!(changed.unwrap().guest, "bob");
}

fn title(title: &str) -> NotePatch {
    NotePatch {
        title: Set(title.into()),
        ..NotePatch::default()
    }
}

async fn wait_for_a_blocked_session(fixture: &Fixture) {
    let blocked = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    // Not on a lane, where it could queue behind what is blocked.
    let session = fixture.db.database().checkout().await.unwrap();
    let is_blocked = async || {
        let row = session.query_one(blocked, &[]).await.unwrap();
        row.get::<i64>(0).unwrap() > 0
    };
    wait_until(Duration::from_secs(10), is_blocked).await;
}

#[tokio::test]
async fn deleted_rows_are_out_of_sight_until_restored() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let id = fixture.written("first").await.id();
    notes.delete(id, actor).await.unwrap();
    assert!(notes.get(id).await.unwrap_err().is(FaultKind::NotFound));
    assert!(notes.get_opt(id).await.unwrap().is_none());
    let deleted = notes.get_with_deleted(id).await.unwrap();
    assert!(deleted.base.is_deleted() && !deleted.base.is_active());
    assert!(
        notes
            .delete(id, actor)
            .await
            .unwrap_err()
            .is(FaultKind::NotFound)
    );
    assert_eq!(notes.find_all().count().await.unwrap(), 0);
    assert_eq!(notes.find_all().with_deleted().count().await.unwrap(), 1);
    assert_eq!(notes.find_all().only_deleted().count().await.unwrap(), 1);
    let restored = notes.restore(id, actor).await.unwrap();
    assert!(restored.base.is_active());
    assert!(
        notes
            .restore(id, actor)
            .await
            .unwrap_err()
            .is(FaultKind::NotFound)
    );
    notes.delete(id, actor).await.unwrap();
    notes.purge(id).await.unwrap();
    assert!(
        notes
            .get_with_deleted(id)
            .await
            .unwrap_err()
            .is(FaultKind::NotFound)
    );
}

#[tokio::test]
async fn a_row_that_was_switched_off_comes_back_switched_off() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let off = NotePatch {
        is_active: Set(false),
        ..NotePatch::default()
    };
    notes.update(id, off, actor).await.unwrap();
    notes.delete(id, actor).await.unwrap();
    assert!(!notes.restore(id, actor).await.unwrap().base.is_active());
}

#[tokio::test]
async fn an_upsert_writes_or_changes() {
    let fixture = Fixture::new().await;
    let notes = fixture.notes();
    let first = notes
        .upsert(fixture.note("same"), Note::TITLE, &fixture.actor)
        .await
        .unwrap();
    let mut again = fixture.note("same");
    again.tags = vec!["x".into()];
    let second = notes
        .upsert(again, Note::TITLE, &Actor::user("eve"))
        .await
        .unwrap();
    assert_eq!(second.id(), first.id());
    assert_eq!(second.tags, ["x"]);
    assert_eq!(second.base.created_by.as_deref(), Some("ada"));
    assert_eq!(second.base.updated_by.as_deref(), Some("eve"));
    assert!(second.base.updated_at > first.base.updated_at);
    notes.delete(first.id(), &fixture.actor).await.unwrap();
    let third = notes
        .upsert(fixture.note("same"), Note::TITLE, &fixture.actor)
        .await
        .unwrap();
    assert_ne!(third.id(), first.id());
}

#[tokio::test]
async fn an_upsert_leaves_a_deleted_row_as_it_is() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let first = fixture.written("first").await;
    notes.delete(first.id(), actor).await.unwrap();
    let deleted = notes.get_with_deleted(first.id()).await.unwrap();
    let again = NewNote {
        id: Some(first.id()),
        ..fixture.note("changed")
    };
    let error = notes
        .upsert(again.clone(), Note::ID, actor)
        .await
        .unwrap_err();
    assert!(error.is(FaultKind::NotFound), "{error:?}");
    assert!(error.hint().unwrap().contains("restore"), "{error:?}");
    let after = notes.get_with_deleted(first.id()).await.unwrap();
    assert_eq!(format!("{after:?}"), format!("{deleted:?}"));

    // A table that somebody else made may have a key that deleted rows keep.
    let database = fixture.db.database();
    database
        .batch("DROP INDEX notes_title_idx; ALTER TABLE notes ADD UNIQUE (title)")
        .await
        .unwrap();
    let same = fixture.note("first");
    let error = notes.upsert(same, Note::TITLE, actor).await.unwrap_err();
    assert!(error.is(FaultKind::NotFound), "{error:?}");
    let after = notes.get_with_deleted(first.id()).await.unwrap();
    assert_eq!(format!("{after:?}"), format!("{deleted:?}"));

    notes.restore(first.id(), actor).await.unwrap();
    let upserted = notes.upsert(again, Note::ID, actor).await.unwrap();
    assert_eq!(upserted.title, "changed");
}

#[tokio::test]
async fn a_key_of_two_columns_and_a_version_serve_as_well() {
    let fixture = Fixture::new().await;
    let bookings = fixture.db.database().repository::<Booking>();
    let actor = &fixture.actor;
    let new = NewBooking {
        room: "blue".into(),
        day: date(2026, 5, 1),
        guest: "ada".into(),
    };
    let booking = bookings.create(new.clone(), actor).await.unwrap();
    assert_eq!(booking.revision, 1);
    let patch = BookingPatch {
        guest: Set("eve".into()),
    };
    let key = (String::from("blue"), date(2026, 5, 1));
    let changed = bookings
        .update(key.clone(), patch.clone(), actor)
        .await
        .unwrap();
    assert_eq!((changed.guest.as_str(), changed.revision), ("eve", 2));
    let stale = bookings
        .update_unchanged(&booking, patch, actor)
        .await
        .unwrap_err();
    assert_eq!(stale.fault().unwrap().field.as_deref(), Some("revision"));
    let upserted = bookings
        .upsert(new, (Booking::ROOM, Booking::DAY), actor)
        .await
        .unwrap();
    assert_eq!((upserted.guest.as_str(), upserted.revision), ("ada", 3));
    bookings.delete(key.clone(), actor).await.unwrap();
    assert!(
        bookings
            .get(key.clone())
            .await
            .unwrap_err()
            .is(FaultKind::NotFound)
    );
    assert_eq!(
        bookings.restore(key, actor).await.unwrap_err().kind(),
        ErrorKind::Unsupported
    );
}

#[tokio::test]
async fn the_database_counts_an_identity() {
    let fixture = Fixture::new().await;
    let counters = fixture.db.database().repository::<Counter>();
    let new = NewCounter {
        label: "a".into(),
        hits: None,
    };
    let counter = counters.create(new, &fixture.actor).await.unwrap();
    assert_eq!((counter.id(), counter.hits), (1, 0));
    let patch = CounterPatch {
        hits: Set(5),
        ..CounterPatch::default()
    };
    assert_eq!(
        counters
            .update(1, patch, &fixture.actor)
            .await
            .unwrap()
            .hits,
        5
    );
    let error = counters
        .update_unchanged(&counter, CounterPatch::default(), &fixture.actor)
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn one_row_is_found_by_a_column() {
    let fixture = Fixture::new().await;
    let users = fixture.users();
    let ada = users
        .create(user("ada@example.org"), &fixture.actor)
        .await
        .unwrap();
    let found = users
        .get_by(User::EMAIL.eq("ada@example.org"))
        .await
        .unwrap();
    assert_eq!(found.id(), ada.id());
    let none = users
        .get_by(User::EMAIL.eq("nobody@example.org"))
        .await
        .unwrap_err();
    assert!(none.is(FaultKind::NotFound));
    assert!(users.get_by(Filter::all([])).await.is_err());
}

#[tokio::test]
async fn a_locked_row_waits_for_its_transaction() {
    let fixture = Fixture::new().await;
    let id = fixture.written("first").await.id();
    let notes = fixture.notes();
    let tx = fixture.db.database().begin().await.unwrap();
    notes.on(&tx).lock(id).await.unwrap();
    let other = fixture.db.database().begin().await.unwrap();
    let free = notes
        .on(&other)
        .find_all()
        .skip_locked()
        .all()
        .await
        .unwrap();
    assert!(free.is_empty());
    tx.rollback().await.unwrap();
    other.rollback().await.unwrap();
}
