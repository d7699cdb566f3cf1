//! New rows and patches as bodies of requests.

use serde_json::{Value, json};
use underpin_model::{Base, Id, Keep, Model, NewRow, PatchRow, Set};

#[derive(Debug, Clone, Model)]
#[model(deserialize)]
struct Member {
    #[model(flatten)]
    base: Base,
    #[model(length(min = 1))]
    name: String,
    #[model(email)]
    email: String,
    nickname: Option<String>,
    #[model(default = "'{}'")]
    roles: Vec<String>,
    invited_by: Option<Id<Self>>,
    #[model(private)]
    password_hash: String,
}

fn new(body: Value) -> serde_json::Result<NewMember> {
    serde_json::from_value(body)
}

fn patch(body: Value) -> serde_json::Result<MemberPatch> {
    serde_json::from_value(body)
}

#[test]
fn a_new_row_is_read_and_all_faults_are_found_at_once() {
    let member = new(json!({ "name": "Ada", "email": "ada@example.org", "roles": ["editor"] }));
    let member = member.unwrap();
    assert_eq!(member.roles.as_deref(), Some(&["editor".into()][..]));
    assert_eq!((member.id, member.nickname.as_deref()), (None, None));
    assert_eq!(member.password_hash, "");
    member.validate().unwrap();
    let faults = new(json!({ "name": "", "email": "nobody" })).unwrap();
    let faults = faults.validate().unwrap_err();
    let fields = faults.faults().iter().map(|fault| fault.field.as_deref());
    assert_eq!(fields.collect::<Vec<_>>(), [Some("name"), Some("email")]);
}

#[test]
fn what_a_row_does_not_take_from_clients_is_refused_by_name() {
    let refused = |field: &str, value: Value| {
        let mut body = json!({ "name": "Ada", "email": "ada@example.org" });
        body[field] = value;
        for error in [new(body.clone()).unwrap_err(), patch(body).unwrap_err()] {
            let expected = format!("unknown field `{field}`");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    };
    refused("id", json!("0192e4a0-0000-7000-8000-000000000000"));
    refused("created_by", json!("eve"));
    refused("password_hash", json!("x"));
    refused("nmae", json!("x"));
    let missing = new(json!({ "name": "Ada" })).unwrap_err();
    assert_eq!(missing.to_string(), "missing field `email`");
}

#[test]
fn in_a_patch_what_is_absent_stays_and_null_is_null() {
    let changes = patch(json!({ "name": "Eve", "nickname": null })).unwrap();
    assert_eq!(changes.name, Set("Eve".into()));
    assert_eq!((changes.nickname, changes.email), (Set(None), Keep));
    assert!(patch(json!({})).unwrap().values().is_empty());
    assert!(patch(json!({ "name": null })).is_err(), "never NULL");
    let invalid = patch(json!({ "name": "", "email": "x" })).unwrap();
    assert_eq!(invalid.validate().unwrap_err().faults().len(), 2);
}
