use underpin_model::{Base, Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(on_delete = "cascade")]
    parent: Option<Id<Note>>,
}

fn main() {}
