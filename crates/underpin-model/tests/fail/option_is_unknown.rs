use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
#[model(tabel = "notes")]
struct Note {
    #[model(flatten)]
    base: Base,
}

fn main() {}
