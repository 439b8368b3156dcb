//! The first line is a pattern, the second a caller: nothing panics, and every way of asking agrees.
#![no_main]

use arn_pattern::{ArnPattern, CallerArn, PatternIndex};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some((pattern, caller)) = text.split_once('\n') else { return };
    let (pattern, caller) = (pattern.parse::<ArnPattern>(), caller.parse::<CallerArn>());
    if let Err(error) = &pattern {
        let _ = error.to_string();
    }
    let (Ok(pattern), Ok(caller)) = (pattern, caller) else { return };
    let matches = pattern.matches(&caller);
    assert_eq!(pattern.explain(&caller).is_ok(), matches);
    assert_eq!(caller.candidates().any(|text| text == pattern.as_str()), matches);
    let mut index = PatternIndex::new();
    index.insert(1, &pattern, ());
    assert_eq!(index.lookup(1, &caller).is_some(), matches);
    assert_eq!(index.remove(1, &pattern), Some(()));
    assert!(index.lookup(1, &caller).is_none());
});
