//! `Self` inside a struct, which means something else in the code that a macro writes for others: `NewNote`, constants.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{DeriveInput, Result};

/// Reads what a macro stands over, with its name where it says `Self`. A generic type keeps the word: its name alone is no type.
pub(crate) fn parse(input: TokenStream) -> Result<DeriveInput> {
    let parsed: DeriveInput = syn::parse2(input.clone())?;
    if parsed.generics.params.is_empty() {
        syn::parse2(by_name(input, &parsed.ident))
    } else {
        Ok(parsed)
    }
}

/// Errors still point at the `Self` that was written.
fn by_name(tokens: TokenStream, name: &Ident) -> TokenStream {
    let named = |token| match token {
        TokenTree::Ident(word) if word == "Self" => {
            TokenTree::Ident(Ident::new(&name.to_string(), word.span()))
        }
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), by_name(group.stream(), name));
            inside.set_span(group.span());
            TokenTree::Group(inside)
        }
        other => other,
    };
    tokens.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn check(input: TokenStream, expected: TokenStream) {
        let expected: DeriveInput = syn::parse2(expected).unwrap();
        assert_eq!(parse(input).unwrap(), expected);
    }

    #[test]
    fn a_struct_that_says_self_is_read_with_its_name() {
        check(
            quote!(
                struct Node {
                    #[model(references = Self)]
                    parent: Option<Id<Self>>,
                    itself: Selfish,
                }
            ),
            quote!(
                struct Node {
                    #[model(references = Node)]
                    parent: Option<Id<Node>>,
                    itself: Selfish,
                }
            ),
        );
    }

    #[test]
    fn a_generic_struct_keeps_the_word() {
        let generic = quote!(
            struct Node<T> {
                parent: Box<Self>,
                value: T,
            }
        );
        check(generic.clone(), generic);
    }
}
