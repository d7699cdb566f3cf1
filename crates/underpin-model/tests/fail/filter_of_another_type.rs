use underpin_model::{Base, Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    owner: Id<Note>,
}

#[derive(Debug, Clone, Model)]
struct User {
    #[model(flatten)]
    base: Base,
}

fn misuse(user: Id<User>) {
    let _ = Note::OWNER.eq(user);
}

fn main() {}
