//! Search over the columns that a model declares with `#[model(search)]`.

use crate::filter::{Node, Test};
use crate::{Error, Fault, FaultKind, Filter, Find, Model, Order, Place, Repository, escape_like};
use std::sync::Arc;

/// The longest search, in characters.
pub const SEARCH_CHARS_MAX: usize = 200;

impl<M: Model, P: Place> Repository<M, P> {
    /// Rows that have a text somewhere in one of the searched columns, taken literally, in any case.
    ///
    /// A GIN index with `gin_trgm_ops` on each searched column serves this; without it every row is read.
    ///
    /// # Errors
    /// [`FaultKind::UnknownColumn`] when the model declares no column with `#[model(search)]`, [`FaultKind::Invalid`] when
    /// the text is too long or has NUL characters.
    pub fn search(&self, text: &str) -> Result<Find<'_, M, P>, Error> {
        let pattern = format!("%{}%", escape_like(check_text::<M>(text)?));
        Ok(self.find(on_searched("{c} ILIKE {v}", &pattern)?))
    }

    /// Rows where a word of a searched column resembles a text, best first: finds words with spelling mistakes.
    ///
    /// Needs the extension `pg_trgm`; `pg_trgm.word_similarity_threshold` says how much must be alike. The list has no pages.
    ///
    /// # Errors
    /// As [`search`](Self::search).
    pub fn search_similar(&self, text: &str) -> Result<Find<'_, M, P>, Error> {
        let text = check_text::<M>(text)?;
        let filter = on_searched("{c} %> {v}", text)?;
        let word = Arc::new(String::from(text));
        let distances =
            searched::<M>().map(|column| Test::new(column, "{c} <->> {v}", [word.clone()]));
        let best = Order::computed(distances.collect());
        Ok(self.find(filter).order_by(best))
    }
}

/// The template on at least one of the searched columns.
fn on_searched<M: Model>(template: &'static str, text: &str) -> Result<Filter<M>, Error> {
    let value: Arc<String> = Arc::new(String::from(text));
    let tests: Vec<Node> = searched::<M>()
        .map(|column| Node::Test(Test::new(column, template, [value.clone()])))
        .collect();
    if tests.is_empty() {
        let fault = Fault::new(
            FaultKind::UnknownColumn,
            M::TABLE.model,
            None,
            "declares no searched column",
        );
        return Err(Error::of("the model cannot be searched", fault)
            .with_hint("mark the text fields to look into with `#[model(search)]`"));
    }
    Ok(Filter::new(Node::Any(tests)))
}

fn searched<M: Model>() -> impl Iterator<Item = &'static str> {
    let columns = M::TABLE.columns.iter();
    columns
        .filter(|column| column.search)
        .map(|column| column.name)
}

fn check_text<M: Model>(text: &str) -> Result<&str, Error> {
    let length = text.chars().count();
    let fault = if length > SEARCH_CHARS_MAX {
        format!("is searched for {length} characters, {SEARCH_CHARS_MAX} is the most")
    } else if text.contains('\0') {
        String::from("is searched for a NUL character, which no text has")
    } else {
        return Ok(text);
    };
    let fault = Fault::new(FaultKind::Invalid, M::TABLE.model, None, fault);
    Err(Error::of("the search cannot be run", fault))
}
