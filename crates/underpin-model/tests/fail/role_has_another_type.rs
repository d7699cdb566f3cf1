use underpin_model::{Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
    updated_at: String,
}

fn main() {}
