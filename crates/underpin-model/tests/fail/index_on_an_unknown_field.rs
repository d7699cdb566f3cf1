use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
#[model(index(titel))]
struct Note {
    #[model(flatten)]
    base: Base,
    title: String,
}

fn main() {}
