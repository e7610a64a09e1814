//! Mail made of the fuzzer's bytes, through the MIME reader and through mail-parser: the comparison that
//! `tests/mime_differential.rs` makes of mail at random.

#![no_main]

#[path = "../../tests/mime_support/compare.rs"]
mod compare;
#[path = "../../tests/mime_support/generate.rs"]
mod generate;
#[path = "../../tests/mime_support/mod.rs"]
mod mime_support;

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let rng = TestRng::from_seed(RngAlgorithm::PassThrough, bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // Too few bytes make no mail.
    let Ok(mail) = generate::mail().new_tree(&mut runner) else { return };
    let mail = mail.current();
    // mail-parser's own debug assertion fails on a message within a message; a panic ends the fuzzer, caught or not.
    if !(cfg!(debug_assertions) && mail.nests_messages()) {
        compare::agrees(&mail, &[usize::from(bytes.len() as u8) + 1, 7]);
    }
});
