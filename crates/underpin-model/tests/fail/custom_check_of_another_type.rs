use underpin_model::{Base, Model};

fn check(_: &i32) -> Result<(), String> {
    Ok(())
}

#[derive(Debug, Clone, Model)]
struct Note {
    #[model(flatten)]
    base: Base,
    #[model(custom = check)]
    title: String,
}

fn main() {}
