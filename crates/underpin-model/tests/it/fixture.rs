//! A database with the tables of the tests' models.

use crate::models::{Booking, Counter, NewNote, NewUser, Note, User};
use underpin_model::{Actor, Id, Model as _, Repositories, Repository, Table, schema_of};
use underpin_schema::create_sql;
use underpin_testkit::TestDb;

/// A database of one test.
pub(crate) struct Fixture {
    pub(crate) db: TestDb,
    pub(crate) actor: Actor,
    pub(crate) owner_id: Id<User>,
}

impl Fixture {
    /// Tables, and one user.
    pub(crate) async fn new() -> Self {
        let db = TestDb::empty().await;
        create_tables(
            &db,
            &[User::TABLE, Note::TABLE, Booking::TABLE, Counter::TABLE],
        )
        .await;
        let actor = Actor::user("ada");
        let users = db.database().repository::<User>();
        let owner = users
            .create(user("owner@example.org"), &actor)
            .await
            .unwrap();
        Self {
            owner_id: owner.id(),
            db,
            actor,
        }
    }

    pub(crate) fn notes(&self) -> Repository<Note> {
        self.db.database().repository()
    }

    pub(crate) fn users(&self) -> Repository<User> {
        self.db.database().repository()
    }

    /// A note that is not written yet.
    pub(crate) fn note(&self, title: &str) -> NewNote {
        NewNote {
            title: title.into(),
            owner_id: self.owner_id,
            ..NewNote::default()
        }
    }

    /// A note that is written.
    pub(crate) async fn written(&self, title: &str) -> Note {
        self.notes()
            .create(self.note(title), &self.actor)
            .await
            .unwrap()
    }
}

/// A user that is not written yet.
pub(crate) fn user(email: &str) -> NewUser {
    NewUser {
        email: email.into(),
        ..NewUser::default()
    }
}

/// Creates tables, and the types they need, as the facts of their models say.
pub(crate) async fn create_tables(db: &TestDb, tables: &[&Table]) {
    for statement in create_sql(&schema_of(tables.iter().copied())) {
        db.database().batch(&statement.sql).await.unwrap();
    }
}
