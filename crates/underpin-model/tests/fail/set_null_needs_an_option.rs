use underpin_model::{Base, Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(references = Note, on_delete = "set_null")]
    parent: Id<Note>,
}

fn main() {}
