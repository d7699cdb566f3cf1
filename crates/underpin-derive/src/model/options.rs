//! What stands over the struct: `#[model(…)]`.

use super::index::Index;
use crate::attributes::{each, once, text, unknown};
use proc_macro2::Span;
use syn::parse::Parse;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, LitBool, LitStr, Result, Token, parenthesized};

const KNOWN: [&str; 12] = [
    "audited",
    "check",
    "comment",
    "deserialize",
    "extension",
    "index",
    "primary_key",
    "renamed_from",
    "schema",
    "soft_delete",
    "table",
    "unique",
];

/// The options of a model.
#[derive(Default)]
pub(super) struct Options {
    pub(super) table: Option<LitStr>,
    pub(super) schema: Option<LitStr>,
    pub(super) comment: Option<LitStr>,
    pub(super) renamed_from: Option<LitStr>,
    pub(super) soft_delete: Option<(bool, Span)>,
    pub(super) audited: Option<()>,
    pub(super) deserialize: Option<()>,
    pub(super) primary_key: Vec<Ident>,
    pub(super) indexes: Vec<Index>,
    pub(super) checks: Vec<Check>,
    pub(super) extensions: Vec<LitStr>,
}

/// `check("a < b")`, `check(name = "a_before_b", "a < b")`.
pub(super) struct Check {
    pub(super) name: Option<LitStr>,
    pub(super) expression: LitStr,
}

impl Options {
    pub(super) fn read(input: &DeriveInput) -> Result<Self> {
        let mut options = Self::default();
        each(&input.attrs, "model", |meta| {
            let span = meta.path.span();
            let word = meta.path.get_ident().map(Ident::to_string);
            match word.as_deref().unwrap_or_default() {
                "table" => once(&mut options.table, text(&meta)?, span),
                "schema" => once(&mut options.schema, text(&meta)?, span),
                "comment" => once(&mut options.comment, text(&meta)?, span),
                "renamed_from" => once(&mut options.renamed_from, text(&meta)?, span),
                "audited" => once(&mut options.audited, (), span),
                "deserialize" => once(&mut options.deserialize, (), span),
                "soft_delete" => {
                    let wanted = match meta.value() {
                        Ok(value) => value.parse::<LitBool>()?.value,
                        Err(_) => true,
                    };
                    once(&mut options.soft_delete, (wanted, span), span)
                }
                "primary_key" => {
                    options.primary_key = list::<Ident>(meta.input)?;
                    Ok(())
                }
                "index" | "unique" => {
                    let unique = word.as_deref() == Some("unique");
                    options.indexes.push(Index::read(meta.input, span, unique)?);
                    Ok(())
                }
                "check" => {
                    options.checks.push(meta.input.parse()?);
                    Ok(())
                }
                "extension" => {
                    options.extensions.push(text(&meta)?);
                    Ok(())
                }
                _ => Err(unknown(&meta, &KNOWN)),
            }
        })?;
        Ok(options)
    }
}

/// `(a, b, c)`
pub(super) fn list<T: Parse>(input: syn::parse::ParseStream<'_>) -> Result<Vec<T>> {
    let inside;
    parenthesized!(inside in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated(&inside)?;
    Ok(items.into_iter().collect())
}

impl Parse for Check {
    fn parse(input: syn::parse::ParseStream<'_>) -> Result<Self> {
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Self {
                name: None,
                expression: input.parse()?,
            });
        }
        let inside;
        parenthesized!(inside in input);
        let mut name = None;
        if inside.peek(Ident) {
            let word: Ident = inside.parse()?;
            if word != "name" {
                return Err(syn::Error::new(
                    word.span(),
                    "only `name = \"…\"` comes before the expression",
                ));
            }
            inside.parse::<Token![=]>()?;
            name = Some(inside.parse()?);
            inside.parse::<Token![,]>()?;
        }
        let expression = inside.parse()?;
        inside.parse::<Option<Token![,]>>()?;
        Ok(Self { name, expression })
    }
}
