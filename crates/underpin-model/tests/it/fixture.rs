//! A database with the tables of the tests' models.

use crate::models::{NewNote, NewUser, Note, User};
use underpin_model::{Actor, Id, Repositories, Repository};
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
        db.database()
            .batch(include_str!("tables.sql"))
            .await
            .unwrap();
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
