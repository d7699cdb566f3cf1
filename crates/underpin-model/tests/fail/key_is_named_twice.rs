use underpin_model::Model;

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key)]
    a: i64,
    #[model(primary_key)]
    b: i64,
}

fn main() {}
