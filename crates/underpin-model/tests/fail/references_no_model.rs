use underpin_model::{Base, Id, Model};

struct User;

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(references = User)]
    owner: Id<User>,
}

fn main() {}
