use underpin_model::{Base, Id, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(references = Note, on_delete = "casacde")]
    parent: Option<Id<Note>>,
}

fn main() {}
