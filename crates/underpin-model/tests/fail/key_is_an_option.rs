use underpin_model::{Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    id: Option<Id<Note>>,
}

fn main() {}
