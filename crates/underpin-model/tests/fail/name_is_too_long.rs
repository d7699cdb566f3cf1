use underpin_model::{Base, Model};

#[derive(Debug, Clone, Model)]
#[model(table = "a_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_keeps")]
struct Note {
    #[model(flatten)]
    base: Base,
}

fn main() {}
