use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(column = "is_active")]
    active: bool,
}

fn main() {}
