use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(index = "btre")]
    title: String,
}

fn main() {}
