//! What differs between two values, and rows as JSON.

use crate::fixture::{Fixture, user};
use crate::models::{NotePatch, UserPatch};
use serde_json::json;
use underpin_model::{FaultKind, Fields, Model, Set};

#[tokio::test]
async fn changes_name_each_field_with_both_values() {
    let fixture = Fixture::new().await;
    let before = fixture.written("first").await;
    let patch = NotePatch {
        title: Set("second".into()),
        tags: Set(vec!["a".into()]),
        priority: Set(Some(4)),
        ..NotePatch::default()
    };
    let after = fixture
        .notes()
        .update(before.id(), patch, &fixture.actor)
        .await
        .unwrap();
    let changes = before.changes(&after);
    assert_eq!(
        changes.fields().collect::<Vec<_>>(),
        ["title", "tags", "priority"]
    );
    assert_eq!(
        serde_json::to_value(&changes).unwrap(),
        json!({
            "title": {"old": "first", "new": "second"},
            "tags": {"old": [], "new": ["a"]},
            "priority": {"old": null, "new": 4},
        })
    );
    assert!(after.changes(&after).is_empty());
}

#[tokio::test]
async fn private_values_are_never_shown() {
    let fixture = Fixture::new().await;
    let users = fixture.users();
    let before = users
        .create(user("ada@example.org"), &fixture.actor)
        .await
        .unwrap();
    let patch = UserPatch {
        password_hash: Set(Some(String::from("$argon2$"))),
        ..UserPatch::default()
    };
    let after = users
        .update(before.id(), patch, &fixture.actor)
        .await
        .unwrap();
    let text = serde_json::to_string(&before.changes(&after)).unwrap();
    assert_eq!(
        text,
        r#"{"password_hash":{"old":"[private]","new":"[private]"}}"#
    );
    assert!(
        !after
            .to_map(Fields::All)
            .unwrap()
            .contains_key("password_hash")
    );
    assert!(
        after
            .to_map(Fields::Only(&["password_hash"]))
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_map_shows_the_fields_it_is_asked_for() {
    let fixture = Fixture::new().await;
    let note = fixture.written("first").await;
    let only = note
        .to_map(Fields::Only(&["id", "title", "state", "owner_id"]))
        .unwrap();
    assert_eq!(
        serde_json::Value::from(only),
        json!({
            "id": note.id(),
            "title": "first",
            "state": "draft",
            "owner_id": fixture.owner_id,
        })
    );
    let without = note.to_map(Fields::Without(&["title"])).unwrap();
    assert!(!without.contains_key("title"));
    assert_eq!(without["created_at"], json!(note.base.created_at));
    let error = note.to_map(Fields::Without(&["titel"])).unwrap_err();
    assert!(error.is(FaultKind::UnknownColumn));
    assert_eq!(error.fault().unwrap().field.as_deref(), Some("titel"));
}
