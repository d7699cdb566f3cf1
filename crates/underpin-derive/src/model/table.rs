//! The constant `underpin_model::Table` of a model.

use super::Model;
use super::columns::{Column, Insert, Own, Role};
use super::index::{Index, IndexKey, Target};
use super::options::Check;
use crate::attributes::plain_name;
use crate::root::Root;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned;

impl Model<'_> {
    pub(super) fn table(&self, root: &Root) -> TokenStream {
        let model = self.ident().to_string();
        let name = self.table_name();
        let (sql_name, select) = (self.sql_name(), self.select());
        let schema = option(self.options.schema.as_ref());
        let comment = option(self.options.comment.as_ref());
        let renamed_from = option(self.options.renamed_from.as_ref());
        let key = self.key().into_iter().map(|column| column.name.clone());
        let soft_delete = self.soft_delete();
        let audited = self.options.audited.is_some();
        let statements = self.statements(root);
        let lists = self.field_lists(root);
        let indexes = self
            .options
            .indexes
            .iter()
            .chain(self.fields.iter().flat_map(|field| &field.options.indexes))
            .map(|index| self.index(index, root));
        let checks = self
            .options
            .checks
            .iter()
            .map(|check| check_constraint(check, "", root))
            .chain(
                self.columns
                    .iter()
                    .flat_map(|column| checks_of(column, root)),
            );
        let extensions = &self.options.extensions;
        quote! {
            const TABLE: &'static #root::Table = {
                const LISTS: &[&[#root::Field]] = &[#(#lists),*];
                &#root::Table {
                    model: #model,
                    package: ::core::env!("CARGO_PKG_NAME"),
                    schema: #schema,
                    name: #name,
                    sql_name: #sql_name,
                    select: #select,
                    columns: &#root::Field::concat::<{ #root::derive::total(LISTS) }>(LISTS),
                    key: &[#(#key),*],
                    soft_delete: #soft_delete,
                    audited: #audited,
                    comment: #comment,
                    renamed_from: #renamed_from,
                    indexes: &[#(#indexes),*],
                    checks: &[#(#checks),*],
                    extensions: &[#(#extensions),*],
                    sql: #statements,
                }
            };
        }
    }

    /// The columns, in lists: those of the base are a constant of the library.
    fn field_lists(&self, root: &Root) -> Vec<TokenStream> {
        self.fields
            .iter()
            .map(|field| {
                let column = self.columns.iter().find(|column| {
                    column
                        .own
                        .as_ref()
                        .is_some_and(|own| own.ident == field.ident)
                });
                match column.and_then(|column| Some((column, column.own.as_ref()?))) {
                    Some((column, own)) => {
                        let constant = field_constant(column, own, root);
                        quote!(&[#constant])
                    }
                    None => quote!(#root::Base::FIELDS),
                }
            })
            .collect()
    }

    fn index(&self, index: &Index, root: &Root) -> TokenStream {
        let Index {
            unique,
            keys,
            name,
            method,
            condition,
            include,
            with,
            nulls_not_distinct,
        } = index;
        let keys = keys.iter().map(|key| self.index_key(key, root));
        let include = include.iter().map(|field| self.column_name(field));
        let (name, method) = (option(name.as_ref()), option(method.as_ref()));
        let (condition, with) = (option(condition.as_ref()), option(with.as_ref()));
        let nulls_distinct = nulls_not_distinct.is_none();
        quote! {
            #root::Index {
                unique: #unique,
                keys: &[#(#keys),*],
                include: &[#(#include),*],
                name: #name,
                method: #method,
                condition: #condition,
                with: #with,
                nulls_distinct: #nulls_distinct,
            }
        }
    }

    fn index_key(&self, key: &IndexKey, root: &Root) -> TokenStream {
        let IndexKey {
            target,
            operator_class,
            descending,
            nulls_first,
        } = key;
        let target = match target {
            Target::Field(field) => {
                let column = self.column_name(field);
                quote!(#root::IndexTarget::Column(#column))
            }
            Target::Expression(sql) => quote!(#root::IndexTarget::Expression(#sql)),
        };
        let operator_class = option(operator_class.as_ref());
        let nulls_first = match nulls_first {
            Some(first) => quote!(::core::option::Option::Some(#first)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            #root::IndexKey {
                target: #target,
                operator_class: #operator_class,
                descending: #descending,
                nulls_first: #nulls_first,
            }
        }
    }

    /// The column of a field; [`Model::check`] has seen that there is one.
    fn column_name(&self, field: &Ident) -> String {
        let column = self.columns.iter().find(|column| column.is_field(field));
        column.map_or_else(|| plain_name(field), |column| column.name.clone())
    }
}

/// The checks that were written at a column.
fn checks_of(column: &Column<'_>, root: &Root) -> Vec<TokenStream> {
    let checks = column.own.as_ref().map(|own| own.options.checks.as_slice());
    let constraint = |check| check_constraint(check, &column.name, root);
    checks.unwrap_or_default().iter().map(constraint).collect()
}

fn check_constraint(check: &Check, column: &str, root: &Root) -> TokenStream {
    let (name, expression) = (option(check.name.as_ref()), &check.expression);
    quote!(#root::CheckConstraint { name: #name, column: #column, expression: #expression })
}

/// `Field::new::<T>("title", "title").max_len(255)…`
fn field_constant(column: &Column<'_>, own: &Own<'_>, root: &Root) -> TokenStream {
    let Own { ty, options, .. } = own;
    let (field, name) = (&column.field, &column.name);
    let mut constant = quote_spanned!(ty.span()=> #root::Field::new::<#ty>(#field, #name));
    let mut say = |word: &str, value: TokenStream| {
        let word = format_ident!("{word}");
        constant.extend(quote!(.#word(#value)));
    };
    let insert = match column.insert {
        Insert::Always => None,
        Insert::WhenGiven => Some("WhenGiven"),
        Insert::Actor => Some("Actor"),
        Insert::Never => Some("Never"),
    };
    if let Some(variant) = insert {
        let variant = format_ident!("{variant}");
        say("insert", quote!(#root::Insert::#variant));
    }
    let texts = [
        ("default", &options.default),
        ("generated", &options.generated),
        ("collate", &options.collate),
        ("comment", &options.comment),
        ("renamed_from", &options.renamed_from),
        ("db_type", &options.db_type),
    ];
    for (word, text) in texts {
        if let Some(text) = text {
            say(word, quote!(#text));
        }
    }
    match column.role {
        Role::CreatedAt | Role::UpdatedAt if options.default.is_none() => {
            say("default", quote!("now()"))
        }
        Role::Version if options.default.is_none() => say("default", quote!("1")),
        _ => {}
    }
    if column.is_made_id() {
        say("default", quote!("gen_random_uuid()"));
    }
    if column.role == Role::Version {
        say("version", quote!());
    }
    if let Some(dimensions) = &options.dimensions {
        say("dimensions", quote!(#dimensions));
    }
    if let Some(length) = &options.max_len {
        say("max_len", quote!(#length));
    }
    if let Some(identity) = &options.identity {
        let by_default = identity.by_default;
        say("identity", quote!(#by_default));
    }
    if options.private.is_some() {
        say("private", quote!());
    }
    if options.search.is_some() {
        say("search", quote!());
    }
    if let Some(references) = &options.references {
        let model = &references.model;
        let field = match &references.field {
            Some(field) => {
                let field = plain_name(field);
                quote!(::core::option::Option::Some(#field))
            }
            None => quote!(::core::option::Option::None),
        };
        let action = |action: &Option<super::field::Action>| {
            let variant = action.as_ref().map_or("NoAction", |action| action.variant);
            format_ident!("{variant}")
        };
        let (on_delete, on_update) = (action(&options.on_delete), action(&options.on_update));
        let table = quote_spanned!(model.span()=> <#model as #root::Model>::TABLE);
        say(
            "references",
            quote! {
                #root::Reference {
                    table: || #table,
                    field: #field,
                    on_delete: #root::Action::#on_delete,
                    on_update: #root::Action::#on_update,
                }
            },
        );
    }
    if !options.rules.is_empty() {
        let rules = options
            .rules
            .iter()
            .map(|rule| rule.constant(root, own.inner()));
        say("rules", quote!(&[#(#rules),*]));
    }
    constant
}

/// `Some("text")` or `None`, at the user's token.
fn option(text: Option<&LitStr>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}
