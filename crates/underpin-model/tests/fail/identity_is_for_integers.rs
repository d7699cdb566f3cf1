use underpin_model::Model;

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(primary_key, identity)]
    id: String,
}

fn main() {}
