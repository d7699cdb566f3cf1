use underpin_model::DbDomain;

#[derive(Debug, Clone, DbDomain)]
struct Email {
    text: String,
}

fn main() {}
