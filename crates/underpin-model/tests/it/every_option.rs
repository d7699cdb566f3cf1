//! Every option of a model in one place.

use crate::fixture::create_tables;
use jiff::Timestamp;
use std::fmt::Write as _;
use underpin_model::NewRow as _;
use underpin_model::{
    Actor, Base, DbComposite, DbDomain, DbEnum, Id, Interval, Json, Model, Range, Repositories,
    TsVector, models, models_of, schema_of,
};
use underpin_schema::Schema;
use underpin_testkit::TestDb;

#[derive(Debug, Clone, Copy, Default, DbEnum)]
#[db_enum(name = "mood", schema = "app")]
enum Mood {
    #[default]
    Fine,
    #[db_enum(label = "not so fine")]
    NotSoFine,
}

#[derive(Debug, Clone, DbComposite)]
#[db_composite(name = "place")]
struct Place {
    #[db_composite(name = "lat")]
    latitude: f64,
    longitude: Option<f64>,
}

#[derive(Debug, Clone, DbDomain)]
#[db_domain(name = "positive", check = "VALUE > 0")]
struct Positive(i64);

#[derive(Debug, Clone, Model)]
struct Team {
    #[model(flatten)]
    base: Base,
    #[model(unique)]
    slug: String,
}

fn no_spaces(name: &str) -> Result<(), String> {
    if name.contains(' ') {
        Err("must have no spaces".into())
    } else {
        Ok(())
    }
}

#[derive(Debug, Clone, Model)]
#[model(
    table = "people",
    schema = "app",
    comment = "who is here",
    renamed_from = "persons",
    soft_delete,
    audited,
    extension = "pg_trgm",
    unique(team_id, name, nulls_not_distinct),
    index(name gin_trgm_ops, method = "gin", name = "people_by_name"),
    index(team_id, created_at desc nulls_last, include(name), where = "deleted_at IS NULL"),
    index("lower(name)" text_pattern_ops, with = "fillfactor = 80"),
    index("upper(name)"),
    check("name <> 'x'"),
    check("name <> ''"),
    check(name = "not_both", "nick IS NULL OR mood = 'fine'")
)]
struct Person {
    #[model(flatten)]
    base: Base,
    /// What people call them.
    #[model(
        max_len = 80, length(min = 1, max = 80), pattern = "^[a-z ]+$", custom = no_spaces, search,
        check = "name = lower(name)", comment = "lower case", renamed_from = "title"
    )]
    name: String,
    #[model(column = "nickname", index)]
    nick: Option<String>,
    #[model(references(Team, id), on_delete = "set_null", on_update = "cascade")]
    team_id: Option<Id<Team>>,
    #[model(references(Team, slug))]
    team_slug: String,
    #[model(references = Person, on_delete = "restrict")]
    boss: Option<Id<Person>>,
    #[model(private, db_type = "citext")]
    secret: Option<String>,
    #[model(email, collate = "C")]
    email: String,
    #[model(url, index(where = "url IS NOT NULL"))]
    url: Option<String>,
    #[model(range(min = -1.5, max = 9))]
    score: f64,
    mood: Mood,
    place: Option<Place>,
    #[model(default = "1")]
    amount: Positive,
    tags: Vec<String>,
    moods: Vec<Mood>,
    data: Json<std::collections::BTreeMap<String, i32>>,
    stay: Range<Timestamp>,
    every: Interval,
    #[model(generated = "to_tsvector('english', name)", index = "gin")]
    words: TsVector,
    #[model(identity = "by_default")]
    number: i64,
    #[model(version)]
    revision: i64,
    r#type: i32,
}

#[derive(Debug, Clone, Model)]
#[model(primary_key(left, right), soft_delete = false)]
struct Pair {
    left: Id<Team>,
    right: Id<Person>,
    deleted_at: Option<Timestamp>,
}

/// Rows of one table that point at each other.
#[derive(Debug, Clone, Model)]
struct Folder {
    #[model(flatten)]
    base: Base,
    #[model(custom = Self::is_a_name)]
    name: String,
    #[model(references = Self, on_delete = "cascade", index)]
    parent_id: Option<Id<Self>>,
}

impl Folder {
    fn is_a_name(name: &str) -> Result<(), String> {
        no_spaces(name)
    }
}

#[tokio::test]
async fn a_model_refers_to_itself() {
    let db = TestDb::empty().await;
    create_tables(&db, &[Folder::TABLE]).await;
    let folders = db.database().repository::<Folder>();
    let new = |name: &str, parent_id| NewFolder {
        name: name.into(),
        parent_id,
        ..NewFolder::default()
    };
    let actor = Actor::service("test");
    let root = folders.create(new("root", None), &actor).await.unwrap();
    let leaf = new("leaf", Some(root.id()));
    let leaf = folders.create(leaf, &actor).await.unwrap();
    let fault = folders.create(new("a b", None), &actor).await.unwrap_err();
    assert_eq!(fault.faults()[0].field.as_deref(), Some("name"));

    let both = [root.clone(), leaf.clone()];
    let parents = folders.load_parents(&both, Folder::PARENT_ID).await;
    assert_eq!(parents.unwrap()[&root.id()].name, "root");
    let inside = folders.load_related(&both, Folder::PARENT_ID).await;
    assert_eq!(inside.unwrap()[&root.id()][0].id(), leaf.id());
    let names = |rows: Vec<Folder>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    let of_root = Folder::PARENT_ID.has_parent(Folder::NAME.eq("root"));
    assert_eq!(names(folders.find(of_root).all().await.unwrap()), ["leaf"]);
    let with_leaf = Folder::PARENT_ID.has_child(Folder::NAME.eq("leaf"));
    assert_eq!(
        names(folders.find(with_leaf).all().await.unwrap()),
        ["root"]
    );
}

#[test]
fn every_option_is_understood() {
    assert_eq!(Person::TYPE.name(), "type");
    assert_eq!(Person::NICK.name(), "nickname");
    assert_eq!(Person::TABLE.sql_name, r#""app"."people""#);
    assert!(Person::TABLE.soft_delete && !Pair::TABLE.soft_delete);
    assert_eq!(Pair::TABLE.key, ["left", "right"]);
    let new = NewPerson {
        name: "ada".into(),
        ..NewPerson::default()
    };
    let faults = new.validate().unwrap_err();
    let fields: Vec<_> = faults
        .faults()
        .iter()
        .filter_map(|fault| fault.field.as_deref())
        .collect();
    assert_eq!(fields, ["email"]);
}

#[test]
fn models_are_found_by_being_linked() {
    let names: Vec<&str> = models().iter().map(|table| table.model).collect();
    for name in ["Person", "Pair", "Team", "Note", "Booking"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn models_are_told_apart_by_package() {
    assert!(
        models_of("underpin-model")
            .iter()
            .any(|table| table.model == "Team")
    );
    assert!(models_of("underpin-stores").is_empty());
    let schema = schema_of([Team::TABLE, Pair::TABLE]);
    assert_eq!(schema.tables.len(), 2);
}

#[test]
fn facts_of_a_table_hold_all_that_was_said() {
    let mut schema = Schema::default();
    Person::TABLE.declare(&mut schema);
    let table = schema.tables.iter().next().unwrap();
    let mut text = format!(
        "{}: {}\n",
        table.name,
        table.comment.as_deref().unwrap_or_default()
    );
    for column in &table.columns {
        let null = if column.not_null.is_some() {
            " NOT NULL"
        } else {
            ""
        };
        let default = column
            .default
            .iter()
            .map(|default| format!(" DEFAULT {default}"));
        let default: String = default.collect();
        writeln!(text, "{} {}{null}{default}", column.name, column.data_type).unwrap();
    }
    for constraint in &table.constraints {
        writeln!(text, "{} {:?}", constraint.name, constraint.kind).unwrap();
    }
    for index in &table.indexes {
        writeln!(
            text,
            "{} {:?} {:?}",
            index.name, index.predicate, index.keys
        )
        .unwrap();
    }
    for name in schema
        .enums
        .iter()
        .map(|e| &e.name)
        .chain(schema.domains.iter().map(|d| &d.name))
    {
        writeln!(text, "type {name}").unwrap();
    }
    crate::compare_with_golden_file("facts_of_person.txt", &text);
}
