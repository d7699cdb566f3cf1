//! Faults are told by codes and names: the same ones whatever language the server speaks.

use crate::fixture::{Fixture, create_tables, user};
use crate::models::{Note, NotePatch, State, User, UserPatch};
use underpin_model::{Actor, Error, Fault, FaultKind, Id, Model, Repositories, Repository, Set};
use underpin_pool::{Database, Options};
use underpin_testkit::{in_language, languages};

#[derive(Debug, Clone, Model)]
struct Leaf {
    #[model(primary_key)]
    id: i64,
    #[model(references = Leaf)]
    parent_id: Option<i64>,
    #[model(unique)]
    label: String,
}

/// English, and what else the server speaks.
async fn all_languages() -> Vec<&'static str> {
    [vec!["C"], languages().await].concat()
}

async fn speaking(fixture: &Fixture, language: &str) -> Database {
    let url = in_language(fixture.db.database().url().clone(), language);
    Database::connect(Options::new(url)).await.unwrap()
}

/// What is wrong, with which fields, in words.
fn told(error: &Error) -> (FaultKind, String, String) {
    let Fault {
        kind,
        field,
        message,
        ..
    } = error.fault().unwrap_or_else(|| panic!("{error:?}"));
    (*kind, field.clone().unwrap_or_default(), message.clone())
}

#[tokio::test]
async fn foreign_keys_are_told_by_their_side() {
    let none = "points to a row that does not exist";
    let still = "is still pointed at by another row";
    for language in all_languages().await {
        let fixture = Fixture::new().await;
        create_tables(&fixture.db, &[Leaf::TABLE]).await;
        let db = speaking(&fixture, language).await;
        // As somebody else might have made it, and as the model has it.
        for name in ["anything", "notes_owner_id_fkey"] {
            db.batch(&format!(
                "DO $$ BEGIN
                    EXECUTE (SELECT 'ALTER TABLE notes DROP CONSTRAINT ' || conname FROM pg_constraint
                        WHERE conrelid = 'notes'::regclass AND contype = 'f');
                 END $$;
                 ALTER TABLE notes ADD CONSTRAINT {name} FOREIGN KEY (owner_id) REFERENCES users"
            ))
            .await
            .unwrap();
            let (users, notes): (Repository<User>, Repository<Note>) =
                (db.repository(), db.repository());
            let actor = &fixture.actor;
            let stray = |title: &str| crate::models::NewNote {
                owner_id: Id::now(),
                ..fixture.note(title)
            };
            let error = notes.create(stray("x"), actor).await.unwrap_err();
            let expected = (FaultKind::ForeignKey, "owner_id".into(), none.into());
            assert_eq!(told(&error), expected, "{language} {name}");
            let error = notes
                .bulk_create(vec![stray("x"), stray("y")], actor)
                .await
                .unwrap_err();
            assert_eq!(told(&error), expected, "{language} {name}");
            let note = notes.create(fixture.note(name), actor).await.unwrap();
            let patch = NotePatch {
                owner_id: Set(Id::now()),
                ..NotePatch::default()
            };
            let error = notes.update(note.id(), patch, actor).await.unwrap_err();
            assert_eq!(told(&error), expected, "{language} {name}");
            let error = users.purge(fixture.owner_id).await.unwrap_err();
            let expected = (FaultKind::ForeignKey, "id".into(), still.into());
            assert_eq!(told(&error), expected, "{language} {name}");
        }
        // A table that points at itself.
        let (leaves, actor): (Repository<Leaf>, _) = (db.repository(), Actor::service("test"));
        let leaf = |id, parent_id| NewLeaf {
            id,
            parent_id,
            label: format!("{id}"),
        };
        leaves.create(leaf(1, None), &actor).await.unwrap();
        leaves.create(leaf(2, Some(1)), &actor).await.unwrap();
        let error = leaves.create(leaf(3, Some(9)), &actor).await.unwrap_err();
        let expected = (FaultKind::ForeignKey, "parent_id".into(), none.into());
        assert_eq!(told(&error), expected, "{language}");
        let error = leaves.delete(1, &actor).await.unwrap_err();
        let expected = (FaultKind::ForeignKey, "id".into(), still.into());
        assert_eq!(told(&error), expected, "{language}");
        let error = leaves.bulk_delete(&[1], &actor).await.unwrap_err();
        assert_eq!(told(&error), expected, "{language}");
    }
}

#[tokio::test]
async fn other_violations_are_told_with_their_fields() {
    for language in all_languages().await {
        let fixture = Fixture::new().await;
        let db = speaking(&fixture, language).await;
        let (users, notes): (Repository<User>, Repository<Note>) =
            (db.repository(), db.repository());
        let actor = &fixture.actor;
        let check = |error: Error, kind, field: &str| {
            let (found, fields, _) = told(&error);
            assert_eq!(
                (found, fields.as_str()),
                (kind, field),
                "{language}: {error:?}"
            );
            let said = underpin_core::Chain(&error).to_string();
            assert!(language == "C" || !said.is_ascii(), "in {language}: {said}");
        };
        let error = users
            .create(user("owner@example.org"), actor)
            .await
            .unwrap_err();
        check(error, FaultKind::Duplicate, "email");
        let note = notes.create(fixture.note("first"), actor).await.unwrap();
        // Of an index that the model does not know, too.
        db.batch("CREATE UNIQUE INDEX odd ON notes (owner_id, priority)")
            .await
            .unwrap();
        let with = |priority| crate::models::NewNote {
            priority: Some(priority),
            ..fixture.note(&format!("{priority}"))
        };
        notes.create(with(5), actor).await.unwrap();
        let twice = crate::models::NewNote {
            title: "other".into(),
            ..with(5)
        };
        let error = notes.create(twice, actor).await.unwrap_err();
        check(error, FaultKind::Duplicate, "owner_id, priority");
        db.batch("ALTER TABLE notes ADD CHECK (title <> 'forbidden'), ALTER tags DROP NOT NULL")
            .await
            .unwrap();
        let error = notes
            .create(fixture.note("forbidden"), actor)
            .await
            .unwrap_err();
        check(error, FaultKind::Check, "");
        db.batch("ALTER TABLE users ALTER password_hash SET NOT NULL")
            .await
            .unwrap_err();
        db.batch("UPDATE users SET password_hash = 'x'; ALTER TABLE users ALTER password_hash SET NOT NULL").await.unwrap();
        let patch = UserPatch {
            password_hash: Set(None),
            ..UserPatch::default()
        };
        let error = users
            .update(fixture.owner_id, patch, actor)
            .await
            .unwrap_err();
        check(error, FaultKind::Null, "password_hash");
        db.batch("ALTER TABLE notes ALTER title TYPE varchar(10)")
            .await
            .unwrap();
        let error = notes
            .create(fixture.note("longer than ten"), actor)
            .await
            .unwrap_err();
        check(error, FaultKind::TooLong, "");
        db.batch(
            "ALTER TABLE notes ALTER state DROP DEFAULT; ALTER TYPE state RENAME TO old_state;
             CREATE TYPE state AS ENUM ('draft');
             ALTER TABLE notes ALTER state TYPE state USING 'draft'",
        )
        .await
        .unwrap();
        let patch = NotePatch {
            state: Set(State::Published),
            ..NotePatch::default()
        };
        let error = notes.update(note.id(), patch, actor).await.unwrap_err();
        check(error, FaultKind::InvalidLabel, "");
    }
}
