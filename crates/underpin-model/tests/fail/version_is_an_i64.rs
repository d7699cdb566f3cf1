use underpin_model::{Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
    #[model(version)]
    version: i32,
}

fn main() {}
