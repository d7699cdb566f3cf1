//! Text with a NUL character, which PostgreSQL cannot store: named with model and field wherever it is given.

use crate::fixture::{Fixture, create_tables, user};
use crate::models::{Note, NotePatch, User};
use serde_json::json;
use underpin_core::Chain;
use underpin_model::{
    Actor, DbComposite, DbDomain, Error, ErrorKind, FaultKind, Json, Model, Repositories, Set,
};
use underpin_testkit::TestDb;

const NUL: &str = "a\0b";

fn check(error: &Error, model: &str, field: &str) {
    let text = Chain(error).to_string();
    let fault = error.fault().unwrap_or_else(|| panic!("no fault: {text}"));
    let found = (fault.kind, fault.model, fault.field.as_deref());
    assert_eq!(found, (FaultKind::Invalid, model, Some(field)), "{text}");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let named = format!("{model}.{field} has a NUL character");
    assert!(text.contains(&named), "{text}");
}

#[tokio::test]
async fn in_a_new_row_it_names_the_field() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let good = || fixture.note("good");
    let mut title = good();
    title.title = NUL.into();
    let mut tags = good();
    tags.tags = vec!["a".into(), NUL.into()];
    let mut metadata = good();
    metadata.metadata = Some(Json(json!({"deep": [{"text": NUL}]})));
    for (new, field) in [(title, "title"), (tags, "tags"), (metadata, "metadata")] {
        check(
            &notes.create(new.clone(), actor).await.unwrap_err(),
            "Note",
            field,
        );
        let upserted = notes.upsert(new.clone(), Note::TITLE, actor).await;
        check(&upserted.unwrap_err(), "Note", field);
        // With array columns several rows go by COPY.
        let many = notes.bulk_create(vec![good(), new], actor).await;
        check(&many.unwrap_err(), "Note", field);
    }
    let by_nobody = notes.create(good(), &Actor::user(NUL)).await;
    check(&by_nobody.unwrap_err(), "Note", "created_by");
    assert_eq!(notes.find_all().count().await.unwrap(), 0);
}

#[tokio::test]
async fn in_a_change_it_names_the_field() {
    let fixture = Fixture::new().await;
    let (notes, actor) = (fixture.notes(), &fixture.actor);
    let note = fixture.written("good").await;
    let tags = NotePatch {
        tags: Set(vec![NUL.into()]),
        ..NotePatch::default()
    };
    let metadata = NotePatch {
        metadata: Set(Json(json!(NUL))),
        ..NotePatch::default()
    };
    for (patch, field) in [(tags, "tags"), (metadata, "metadata")] {
        check(
            &notes
                .update(note.id(), patch.clone(), actor)
                .await
                .unwrap_err(),
            "Note",
            field,
        );
        let seen = notes.update_unchanged(&note, patch.clone(), actor).await;
        check(&seen.unwrap_err(), "Note", field);
        let many = notes.bulk_update(vec![(note.id(), patch)], actor).await;
        check(&many.unwrap_err(), "Note", field);
    }
    let deleted = notes.delete(note.id(), &Actor::user(NUL)).await;
    check(&deleted.unwrap_err(), "Note", "updated_by");
}

#[tokio::test]
async fn in_many_rows_it_names_the_row_too() {
    let fixture = Fixture::new().await;
    let rows = vec![user("a@example.org"), user("b\0@example.org")];
    let error = fixture
        .users()
        .bulk_create(rows, &fixture.actor)
        .await
        .unwrap_err();
    check(&error, "User", "email");
    assert!(error.to_string().starts_with("row 2 "), "{error}");
}

#[tokio::test]
async fn in_a_condition_it_names_the_field_and_the_model_it_is_of() {
    let fixture = Fixture::new().await;
    let notes = fixture.notes();
    let nul = || String::from(NUL);
    for (filter, field) in [
        (Note::TITLE.eq(nul()), "title"),
        (
            Note::PRIORITY.gt(1).and(Note::TITLE.is_in(["a", NUL])),
            "title",
        ),
        (!Note::TITLE.starts_with(NUL), "title"),
        (Note::TAGS.contains([NUL]), "tags"),
        (Note::METADATA.contains(json!({"a": NUL})), "metadata"),
        (Note::METADATA.has_key(NUL), "metadata"),
    ] {
        let found = notes.find(filter.clone()).all().await.unwrap_err();
        check(&found, "Note", field);
        check(
            &notes.find(filter.clone()).count().await.unwrap_err(),
            "Note",
            field,
        );
        check(
            &notes.find(filter).exists().await.unwrap_err(),
            "Note",
            field,
        );
    }
    let of_owner = Note::OWNER_ID.has_parent(User::EMAIL.eq(nul()));
    let of_both = of_owner.and(Note::TITLE.ne("x"));
    check(
        &notes.find(of_both).all().await.unwrap_err(),
        "User",
        "email",
    );
}

#[derive(Debug, Clone, PartialEq, DbComposite)]
struct Address {
    number: i32,
    street: String,
}

#[derive(Debug, Clone, PartialEq, DbDomain)]
struct Slug(String);

#[derive(Debug, Clone, Model)]
struct House {
    #[model(primary_key)]
    slug: Slug,
    address: Option<Address>,
    former: Vec<Address>,
}

#[tokio::test]
async fn in_parts_of_composites_and_in_domains_and_keys_it_names_the_field() {
    let db = TestDb::empty().await;
    create_tables(&db, &[House::TABLE]).await;
    let (houses, actor) = (db.database().repository::<House>(), Actor::user("ada"));
    let slug = |text: &str| Slug(text.into());
    let address = || Address {
        number: 0,
        street: NUL.into(),
    };
    let good = || NewHouse {
        slug: slug("good"),
        address: None,
        former: Vec::new(),
    };
    for (new, field) in [
        (
            NewHouse {
                slug: slug(NUL),
                ..good()
            },
            "slug",
        ),
        (
            NewHouse {
                address: Some(address()),
                ..good()
            },
            "address",
        ),
        (
            NewHouse {
                former: vec![address()],
                ..good()
            },
            "former",
        ),
    ] {
        check(
            &houses.create(new, &actor).await.unwrap_err(),
            "House",
            field,
        );
    }
    check(&houses.get(slug(NUL)).await.unwrap_err(), "House", "slug");
    check(
        &houses.delete(slug(NUL), &actor).await.unwrap_err(),
        "House",
        "slug",
    );
    let many = houses.bulk_delete(&[slug("a"), slug(NUL)], &actor).await;
    check(&many.unwrap_err(), "House", "slug");
    let kept = houses.create(
        NewHouse {
            address: Some(Address {
                number: 0,
                street: "a".into(),
            }),
            ..good()
        },
        &actor,
    );
    assert_eq!(
        kept.await.unwrap().address.unwrap().number,
        0,
        "zeros in numbers are no text"
    );
}
