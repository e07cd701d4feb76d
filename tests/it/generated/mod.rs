//! Made-up input, most of it nearly good: the properties hold for it, and where it was made by a plan, it is read as
//! planned.
//!
//! The same input is made each time. `STATIONMASTER_FUZZ_SEED=7` makes other input, `STATIONMASTER_FUZZ_CASES=100000`
//! more of it, for each test.

mod comments;
mod damaged;
mod diffs;
mod policies;
mod values;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// The test runs on what the strategy makes: so many times, or as often as `STATIONMASTER_FUZZ_CASES` says.
#[track_caller]
pub fn holds<S: Strategy>(usual: u32, strategy: S, check: impl Fn(S::Value)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("STATIONMASTER_FUZZ_CASES").and_then(|cases| u32::try_from(cases).ok());
    let config = Config {
        cases: cases.unwrap_or(usual),
        rng_seed: RngSeed::Fixed(number("STATIONMASTER_FUZZ_SEED").unwrap_or(1)),
        // What fails is put into the corpus by hand, where the fuzzer begins with it too.
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&strategy, |value| {
        check(value);
        Ok(())
    });
    if let Err(fault) = outcome {
        panic!("{fault}");
    }
}
