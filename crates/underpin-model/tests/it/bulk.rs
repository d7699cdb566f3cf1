//! Many rows at once.

use crate::fixture::{Fixture, create_tables, user};
use crate::models::{
    Booking, BookingPatch, NewBooking, NewNote, Note, NotePatch, State, User, UserPatch,
};
use jiff::civil::date;
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use underpin_core::ErrorKind;
use underpin_model::{Actor, FaultKind, Id, Json, Model, Patch, Repositories, Set};
use underpin_testkit::TestDb;

#[tokio::test]
async fn any_number_of_rows_is_written_and_counted() {
    let fixture = Fixture::new().await;
    let users = fixture.users();
    let mut before = 1;
    for count in [0, 1, 2, 900, 1_999, 2_000, 2_500] {
        let new = (0..count)
            .map(|n| user(&format!("u{n}@size{count}.org")))
            .collect();
        assert_eq!(users.bulk_create(new, &fixture.actor).await.unwrap(), count);
        before += count;
        assert_eq!(users.find_all().count().await.unwrap(), before);
    }
    let one = users
        .get_by(User::EMAIL.eq("u899@size900.org"))
        .await
        .unwrap();
    assert_eq!(one.base.created_by.as_deref(), Some("ada"));
}

#[tokio::test]
async fn rows_with_arrays_and_defaults_of_their_own_are_written_together() {
    let fixture = Fixture::new().await;
    let rows = || {
        (0..9).map(|n| NewNote {
            tags: vec![format!("t{n}"), String::from("all")],
            state: (n % 2 == 0).then_some(State::Published),
            priority: (n % 3 == 0).then_some(n % 10),
            ..fixture.note(&format!("note {n}"))
        })
    };
    let notes = fixture.notes();
    assert_eq!(
        notes
            .bulk_create(rows().collect(), &fixture.actor)
            .await
            .unwrap(),
        9
    );
    let same_shape = rows().map(|row| NewNote {
        state: None,
        title: format!("{}b", row.title),
        ..row
    });
    assert_eq!(
        notes
            .bulk_create(same_shape.collect(), &fixture.actor)
            .await
            .unwrap(),
        9
    );
    let all = notes
        .find_all()
        .order_by(Note::TITLE.asc())
        .all()
        .await
        .unwrap();
    let published = all
        .iter()
        .filter(|note| note.state == State::Published)
        .count();
    assert_eq!((all.len(), published), (18, 5));
    assert_eq!(all[1].tags, ["t0", "all"]);
}

#[tokio::test]
async fn one_bad_row_keeps_all_out() {
    let fixture = Fixture::new().await;
    let users = fixture.users();
    for count in [3, 2_000] {
        let mut rows: Vec<_> = (0..count)
            .map(|n| user(&format!("u{n}@example.org")))
            .collect();
        rows[2].email = String::from("owner@example.org");
        let error = users
            .bulk_create(rows.clone(), &fixture.actor)
            .await
            .unwrap_err();
        assert!(error.is(FaultKind::Duplicate), "{error:?}");
        rows[2].email = String::from("nobody");
        let error = users.bulk_create(rows, &fixture.actor).await.unwrap_err();
        assert_eq!(error.to_string(), "row 3 is not valid, so none was written");
        assert!(error.is(FaultKind::Invalid));
        assert_eq!(users.find_all().count().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn inside_a_transaction_many_rows_wait_for_its_end() {
    let fixture = Fixture::new().await;
    let (users, notes) = (fixture.users(), fixture.notes());
    let tx = fixture.db.database().begin().await.unwrap();
    let new = (0..1_500)
        .map(|n| user(&format!("u{n}@example.org")))
        .collect();
    assert_eq!(
        users
            .on(&tx)
            .bulk_create(new, &fixture.actor)
            .await
            .unwrap(),
        1_500
    );
    let new = (0..3).map(|n| fixture.note(&n.to_string())).collect();
    assert_eq!(
        notes
            .on(&tx)
            .bulk_create(new, &fixture.actor)
            .await
            .unwrap(),
        3
    );
    assert_eq!(users.find_all().count().await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(users.find_all().count().await.unwrap(), 1_501);
}

/// Arrays of arrays do not come apart again by rows: such models take COPY from two rows on, wherever they are written.
#[tokio::test]
async fn any_number_of_rows_with_arrays_is_written_inside_a_transaction_as_well() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let rows = |name: &str, count: usize| -> Vec<NewNote> {
        let row = |n| NewNote {
            tags: vec![format!("t{n}"); n % 3],
            ..fixture.note(&format!("{name} {n}"))
        };
        (0..count).map(row).collect()
    };
    for count in [1, 2, 500, 1_000] {
        let written = notes.bulk_create(rows(&format!("plain {count}"), count), actor);
        assert_eq!(written.await.unwrap(), count as u64);
    }
    let tx = fixture.db.database().begin().await.unwrap();
    let within = notes.on(&tx);
    for count in [1, 2, 500] {
        let written = within.bulk_create(rows(&format!("within {count}"), count), actor);
        assert_eq!(written.await.unwrap(), count as u64);
    }
    let savepoint = tx.savepoint().await.unwrap();
    let inner = notes.on(&savepoint);
    let undone = inner.bulk_create(rows("undone", 500), actor).await;
    assert_eq!(undone.unwrap(), 500);
    savepoint.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(notes.find_all().count().await.unwrap(), 2_006);
    let tagged = notes.get_by(Note::TITLE.eq("within 500 8")).await.unwrap();
    assert_eq!(tagged.tags, ["t8", "t8"]);
}

#[tokio::test]
async fn many_rows_are_changed_each_in_its_own_way() {
    let fixture = Fixture::new().await;
    let users = fixture.users();
    let mut patches = Vec::new();
    for n in 0..4 {
        let id = users
            .create(user(&format!("u{n}@example.org")), &fixture.actor)
            .await
            .unwrap()
            .id();
        patches.push((
            id,
            UserPatch {
                email: Set(format!("changed{n}@example.org")),
                password_hash: if n == 0 {
                    Set(Some(String::from("hash")))
                } else {
                    Patch::Keep
                },
                ..UserPatch::default()
            },
        ));
    }
    patches.push((Id::now(), patches[0].1.clone()));
    patches.push((fixture.owner_id, UserPatch::default()));
    assert_eq!(
        users
            .bulk_update(patches.clone(), &fixture.actor)
            .await
            .unwrap(),
        4
    );
    let first = users.get(patches[0].0).await.unwrap();
    assert_eq!(
        (first.email.as_str(), first.password_hash.as_deref()),
        ("changed0@example.org", Some("hash"))
    );
    assert!(first.base.updated_at > first.base.created_at);

    let notes = fixture.notes();
    let note = fixture.written("first").await;
    let patch = NotePatch {
        tags: Set(vec!["a".into(), "b".into()]),
        ..NotePatch::default()
    };
    assert_eq!(
        notes
            .bulk_update(vec![(note.id(), patch)], &fixture.actor)
            .await
            .unwrap(),
        1
    );
    assert_eq!(notes.get(note.id()).await.unwrap().tags, ["a", "b"]);
}

#[tokio::test]
async fn many_rows_are_deleted_by_their_keys() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(fixture.written(&n.to_string()).await.id());
    }
    let unknown = ids[..2]
        .iter()
        .copied()
        .chain([Id::now()])
        .collect::<Vec<_>>();
    assert_eq!(notes.bulk_delete(&unknown, actor).await.unwrap(), 2);
    assert_eq!(notes.find_all().only_deleted().count().await.unwrap(), 2);
    assert_eq!(notes.bulk_delete(&[], actor).await.unwrap(), 0);

    let bookings = fixture.db.database().repository::<Booking>();
    let rows = (1..=3).map(|n| NewBooking {
        room: "blue".into(),
        day: date(2026, 5, n),
        guest: "ada".into(),
    });
    assert_eq!(
        bookings.bulk_create(rows.collect(), actor).await.unwrap(),
        3
    );
    let key = |n| (String::from("blue"), date(2026, 5, n));
    let patch = BookingPatch {
        guest: Set("eve".into()),
    };
    let changed = bookings
        .bulk_update(vec![(key(1), patch.clone()), (key(9), patch)], actor)
        .await
        .unwrap();
    assert_eq!(changed, 1);
    assert_eq!(bookings.get(key(1)).await.unwrap().revision, 2);
    assert_eq!(
        bookings
            .bulk_delete(&[key(1), key(2)], actor)
            .await
            .unwrap(),
        2
    );
    assert_eq!(bookings.find_all().count().await.unwrap(), 1);
}

/// JSON that cannot be written when it says so.
#[derive(Debug, Clone, Default, Deserialize)]
struct Fickle(bool);

impl Serialize for Fickle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            true => Err(S::Error::custom("not today")),
            false => serializer.serialize_bool(false),
        }
    }
}

#[derive(Debug, Clone, Model)]
struct Reading {
    #[model(primary_key)]
    id: Id<Reading>,
    value: Json<Fickle>,
    #[model(default = "1")]
    unit: i32,
    labels: Option<Vec<String>>,
}

#[tokio::test]
async fn value_that_cannot_be_written_leaves_no_row_behind() {
    let db = TestDb::empty().await;
    create_tables(&db, &[Reading::TABLE]).await;
    let (db, actor) = (db.database(), Actor::service("test"));
    let readings = db.repository::<Reading>();
    let row = |fails: bool, unit: Option<i32>| NewReading {
        value: Json(Fickle(fails)),
        unit,
        ..NewReading::default()
    };
    for count in [2, 2_500] {
        let rows = |last: NewReading| {
            let mut rows = vec![row(false, None); count];
            rows.push(last);
            rows
        };
        for last in [row(true, Some(2)), row(true, None)] {
            let error = readings.bulk_create(rows(last.clone()), &actor).await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
            let tx = db.begin().await.unwrap();
            let error = readings.on(&tx).bulk_create(rows(last), &actor).await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
            // Whatever becomes of the transaction: the rows before the bad one are not in it.
            let _ = tx.commit().await;
            assert_eq!(readings.find_all().count().await.unwrap(), 0, "of {count}");
        }
    }
    readings
        .bulk_create(vec![row(false, None); 2], &actor)
        .await
        .unwrap();
    let ids: Vec<_> = readings.find_all().all().await.unwrap();
    for labels in [Patch::Keep, Set(Some(vec![]))] {
        let good = ReadingPatch {
            unit: Set(9),
            labels: labels.clone(),
            ..ReadingPatch::default()
        };
        let bad = ReadingPatch {
            value: Set(Json(Fickle(true))),
            labels,
            ..ReadingPatch::default()
        };
        let patches = vec![(ids[0].id, good), (ids[1].id, bad)];
        let tx = db.begin().await.unwrap();
        let error = readings.on(&tx).bulk_update(patches, &actor).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
        tx.commit().await.unwrap();
        let changed = readings.find(Reading::UNIT.eq(9)).count();
        assert_eq!(changed.await.unwrap(), 0);
    }
}
