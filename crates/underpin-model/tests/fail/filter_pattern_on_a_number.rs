use underpin_model::{Id, Json, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
    title: String,
    stars: i32,
    metadata: Json,
}

fn main() {
    let _ = Note::STARS.ilike("%5%");
}
