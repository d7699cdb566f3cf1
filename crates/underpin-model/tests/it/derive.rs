//! What does not compile, with the error at the user's own word. What compiles stands in `every_option.rs`: trybuild would
//! build all dependencies once more for it, where it only checks them for these.

#[test]
fn misuse_is_a_compile_error_at_the_word_that_is_wrong() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/fail/*.rs");
}
