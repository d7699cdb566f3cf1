//! Indexes: `index(title, created_at desc, "lower(title)", method = "gin", where = "…", include(a, b))`.

use super::options::list;
use crate::attributes::once;
use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Ident, LitStr, Path, Result, Token, parenthesized, token};

/// The access methods that PostgreSQL and pgvector have.
const METHODS: [&str; 8] = [
    "btree", "hash", "gin", "gist", "spgist", "brin", "hnsw", "ivfflat",
];

/// An index, or a unique constraint.
pub(super) struct Index {
    pub(super) unique: bool,
    pub(super) keys: Vec<IndexKey>,
    pub(super) name: Option<LitStr>,
    pub(super) method: Option<LitStr>,
    pub(super) condition: Option<LitStr>,
    pub(super) include: Vec<Ident>,
    pub(super) with: Option<LitStr>,
    pub(super) nulls_not_distinct: Option<()>,
}

/// One key of an index.
pub(super) struct IndexKey {
    pub(super) target: Target,
    pub(super) operator_class: Option<LitStr>,
    pub(super) descending: bool,
    /// None: PostgreSQL's default for the direction.
    pub(super) nulls_first: Option<bool>,
}

/// What a key is made of.
pub(super) enum Target {
    /// A field of the model, by its name in Rust.
    Field(Ident),
    /// SQL.
    Expression(LitStr),
}

impl Index {
    /// `unique` or `index` without anything, at a field.
    pub(super) fn of_field(field: &Ident, unique: bool) -> Self {
        Self {
            unique,
            keys: vec![IndexKey::of(Target::Field(field.clone()))],
            name: None,
            method: None,
            condition: None,
            include: Vec::new(),
            with: None,
            nulls_not_distinct: None,
        }
    }

    /// What stands in the parentheses over a struct.
    pub(super) fn read(input: ParseStream<'_>, span: Span, unique: bool) -> Result<Self> {
        let mut index = Self {
            keys: Vec::new(),
            ..Self::of_field(&Ident::new("_none", span), unique)
        };
        let inside;
        parenthesized!(inside in input);
        index.parts(&inside, true)?;
        if index.keys.is_empty() {
            return Err(Error::new(span, "an index needs a column or an expression"));
        }
        Ok(index)
    }

    /// What stands in the parentheses at a field: options, and how its own key is indexed.
    pub(super) fn read_at_field(
        input: ParseStream<'_>,
        field: &Ident,
        unique: bool,
    ) -> Result<Self> {
        let mut index = Self::of_field(field, unique);
        let inside;
        parenthesized!(inside in input);
        index.parts(&inside, false)?;
        Ok(index)
    }

    /// Sets the method: an unknown one is an error at its text.
    pub(super) fn set_method(&mut self, method: LitStr) -> Result<()> {
        if !METHODS.contains(&method.value().as_str()) {
            let message = format!("unknown index method; there are: {}", METHODS.join(", "));
            return Err(Error::new(method.span(), message));
        }
        let span = method.span();
        once(&mut self.method, method, span)
    }

    fn parts(&mut self, input: ParseStream<'_>, with_keys: bool) -> Result<()> {
        while !input.is_empty() {
            self.part(input, with_keys)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    }

    fn part(&mut self, input: ParseStream<'_>, with_keys: bool) -> Result<()> {
        if input.peek(Token![where]) {
            let span = input.parse::<Token![where]>()?.span();
            return once(&mut self.condition, value(input)?, span);
        }
        if input.peek(LitStr) {
            let expression: LitStr = input.parse()?;
            if !with_keys {
                return Err(Error::new(
                    expression.span(),
                    "an index on an expression stands over the struct: #[model(index(\"…\"))]",
                ));
            }
            return self.key(Target::Expression(expression), input);
        }
        let word: Ident = input.parse()?;
        let span = word.span();
        if input.peek(Token![=]) {
            return match word.to_string().as_str() {
                "name" => once(&mut self.name, value(input)?, span),
                "method" => self.set_method(value(input)?),
                "with" => once(&mut self.with, value(input)?, span),
                "opclass" => match self.keys.last_mut() {
                    Some(key) => once(&mut key.operator_class, value(input)?, span),
                    None => Err(Error::new(span, "opclass follows the key it belongs to")),
                },
                _ => Err(Error::new(
                    span,
                    "unknown option of an index; there are: include(…), method, name, nulls_not_distinct, opclass, where, with",
                )),
            };
        }
        if word == "include" && input.peek(token::Paren) {
            self.include = list(input)?;
            return Ok(());
        }
        if word == "nulls_not_distinct" {
            return once(&mut self.nulls_not_distinct, (), span);
        }
        if with_keys {
            return self.key(Target::Field(word), input);
        }
        match self.keys.last_mut() {
            Some(key) => key.word(&word),
            None => Ok(()),
        }
    }

    /// A key, followed by how it is ordered and by its operator class: `title text_pattern_ops desc nulls_last`.
    fn key(&mut self, target: Target, input: ParseStream<'_>) -> Result<()> {
        let mut key = IndexKey::of(target);
        while input.peek(Ident) {
            let path: Path = input.parse()?;
            key.word(path.require_ident()?)?;
        }
        self.keys.push(key);
        Ok(())
    }
}

impl IndexKey {
    fn of(target: Target) -> Self {
        Self {
            target,
            operator_class: None,
            descending: false,
            nulls_first: None,
        }
    }

    fn word(&mut self, word: &Ident) -> Result<()> {
        match word.to_string().as_str() {
            "asc" => self.descending = false,
            "desc" => self.descending = true,
            "nulls_first" => self.nulls_first = Some(true),
            "nulls_last" => self.nulls_first = Some(false),
            class if class.ends_with("_ops") => {
                let class = LitStr::new(class, word.span());
                return once(&mut self.operator_class, class, word.span());
            }
            _ => {
                return Err(Error::new(
                    word.span(),
                    "expected asc, desc, nulls_first, nulls_last or an operator class such as text_pattern_ops",
                ));
            }
        }
        Ok(())
    }
}

/// `= "text"`
fn value(input: ParseStream<'_>) -> Result<LitStr> {
    input.parse::<Token![=]>()?;
    input.parse()
}
