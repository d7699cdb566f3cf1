use underpin_model::Repository;
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
    let _ = |notes: Repository<Note>| notes.find_all().for_update().statement();
}
