use underpin_model::{Id, Json, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
    title: String,
    stars: i32,
    metadata: Json,
}

#[derive(Debug, Clone, Model)]
struct User {
    #[model(primary_key)]
    id: Id<User>,
    name: String,
}

fn main() {
    let _ = Note::TITLE.eq("a").and(User::NAME.eq("b"));
}
