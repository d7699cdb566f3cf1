use underpin_model::{Id, Model};

#[derive(Debug, Clone, Model)]
#[model(soft_delete)]
struct Note {
    #[model(primary_key)]
    id: Id<Note>,
}

fn main() {}
