//! What stands at a field: `#[model(…)]`.

use super::index::Index;
use super::options::Check;
use super::rules::Rule;
use crate::attributes::{each, ident, once, text, unknown};
use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Field, Ident, LitInt, LitStr, Path, Result, Token, parenthesized, token};

const KNOWN: [&str; 27] = [
    "check",
    "collate",
    "column",
    "comment",
    "custom",
    "db_type",
    "default",
    "dimensions",
    "email",
    "flatten",
    "generated",
    "identity",
    "index",
    "length",
    "max_len",
    "on_delete",
    "on_update",
    "pattern",
    "primary_key",
    "private",
    "range",
    "references",
    "renamed_from",
    "search",
    "unique",
    "url",
    "version",
];

/// The options of a field.
#[derive(Default)]
pub(super) struct FieldOptions {
    pub(super) column: Option<LitStr>,
    pub(super) collate: Option<LitStr>,
    pub(super) comment: Option<LitStr>,
    pub(super) renamed_from: Option<LitStr>,
    pub(super) db_type: Option<LitStr>,
    pub(super) dimensions: Option<LitInt>,
    pub(super) max_len: Option<LitInt>,
    pub(super) default: Option<LitStr>,
    pub(super) generated: Option<LitStr>,
    pub(super) identity: Option<Identity>,
    pub(super) references: Option<References>,
    pub(super) on_delete: Option<Action>,
    pub(super) on_update: Option<Action>,
    pub(super) flatten: Option<Span>,
    pub(super) primary_key: Option<Span>,
    pub(super) version: Option<Span>,
    pub(super) private: Option<()>,
    pub(super) search: Option<Span>,
    pub(super) indexes: Vec<Index>,
    pub(super) checks: Vec<Check>,
    pub(super) rules: Vec<Rule>,
    /// How many options there are.
    pub(super) count: usize,
}

/// `identity` or `identity = "by_default"`.
pub(super) struct Identity {
    pub(super) span: Span,
    pub(super) by_default: bool,
}

/// `references = User`, `references(User, slug)`.
pub(super) struct References {
    pub(super) model: Path,
    pub(super) field: Option<Ident>,
}

/// What happens to a row when the one it points to goes away.
pub(super) struct Action {
    pub(super) span: Span,
    /// The variant of the library's enum.
    pub(super) variant: &'static str,
}

impl FieldOptions {
    pub(super) fn read(field: &Field) -> Result<Self> {
        let name = ident(field)?;
        let mut options = Self::default();
        each(&field.attrs, "model", |meta| {
            options.count += 1;
            options.option(&meta, name)
        })?;
        Ok(options)
    }

    fn option(&mut self, meta: &ParseNestedMeta<'_>, name: &Ident) -> Result<()> {
        let span = meta.path.span();
        let word = meta.path.get_ident().map(Ident::to_string);
        match word.as_deref().unwrap_or_default() {
            "column" => once(&mut self.column, text(meta)?, span),
            "collate" => once(&mut self.collate, text(meta)?, span),
            "comment" => once(&mut self.comment, text(meta)?, span),
            "renamed_from" => once(&mut self.renamed_from, text(meta)?, span),
            "db_type" => once(&mut self.db_type, text(meta)?, span),
            "max_len" => once(&mut self.max_len, meta.value()?.parse()?, span),
            "dimensions" => once(&mut self.dimensions, meta.value()?.parse()?, span),
            "default" => once(&mut self.default, text(meta)?, span),
            "generated" => once(&mut self.generated, text(meta)?, span),
            "identity" => once(&mut self.identity, Identity::read(meta)?, span),
            "references" => once(&mut self.references, References::read(meta.input)?, span),
            "on_delete" => once(&mut self.on_delete, Action::read(meta)?, span),
            "on_update" => once(&mut self.on_update, Action::read(meta)?, span),
            "flatten" => once(&mut self.flatten, span, span),
            "primary_key" => once(&mut self.primary_key, span, span),
            "version" => once(&mut self.version, span, span),
            "private" => once(&mut self.private, (), span),
            "search" => once(&mut self.search, span, span),
            "index" | "unique" => {
                let unique = word.as_deref() == Some("unique");
                let index = index(meta.input, name, unique)?;
                self.indexes.push(index);
                Ok(())
            }
            "check" => {
                self.checks.push(meta.input.parse()?);
                Ok(())
            }
            word if Rule::is_rule(word) => {
                self.rules.push(Rule::read(word, meta)?);
                Ok(())
            }
            _ => Err(unknown(meta, &KNOWN)),
        }
    }
}

/// `index`, `index = "gin"`, `index(method = "gin", where = "…")`.
fn index(input: ParseStream<'_>, field: &Ident, unique: bool) -> Result<Index> {
    if input.peek(token::Paren) {
        return Index::read_at_field(input, field, unique);
    }
    let mut index = Index::of_field(field, unique);
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        index.set_method(input.parse()?)?;
    }
    Ok(index)
}

impl Identity {
    fn read(meta: &ParseNestedMeta<'_>) -> Result<Self> {
        let span = meta.path.span();
        if !meta.input.peek(Token![=]) {
            return Ok(Self {
                span,
                by_default: false,
            });
        }
        let kind = text(meta)?;
        let by_default = match kind.value().as_str() {
            "always" => false,
            "by_default" => true,
            _ => {
                return Err(Error::new(
                    kind.span(),
                    "expected \"always\" or \"by_default\"",
                ));
            }
        };
        Ok(Self { span, by_default })
    }
}

impl References {
    fn read(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Self {
                model: input.parse()?,
                field: None,
            });
        }
        let inside;
        parenthesized!(inside in input);
        let model = inside.parse()?;
        let field = match inside.parse::<Option<Token![,]>>()? {
            Some(_) => Some(inside.parse()?),
            None => None,
        };
        Ok(Self { model, field })
    }
}

impl Action {
    fn read(meta: &ParseNestedMeta<'_>) -> Result<Self> {
        let action = text(meta)?;
        let variant = match action.value().as_str() {
            "cascade" => "Cascade",
            "no_action" => "NoAction",
            "restrict" => "Restrict",
            "set_default" => "SetDefault",
            "set_null" => "SetNull",
            _ => {
                return Err(Error::new(
                    action.span(),
                    "expected \"cascade\", \"no_action\", \"restrict\", \"set_default\" or \"set_null\"",
                ));
            }
        };
        Ok(Self {
            span: action.span(),
            variant,
        })
    }
}
