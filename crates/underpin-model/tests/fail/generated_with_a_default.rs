use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(generated = "1", default = "2")]
    count: i32,
}

fn main() {}
