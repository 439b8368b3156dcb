//! What parses is printed and read again as the same; what does not is no panic.
#![no_main]

use auth_model::ExposeSecret;
use delegated_auth_config::Directive;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match text.parse::<Directive>() {
    Ok(directive) => {
        let printed = directive.to_text();
        let again: Directive = printed.expose_secret().parse().expect("what was printed");
        assert_eq!(again.to_text().expose_secret(), printed.expose_secret());
    }
    Err(error) => drop(error.to_string()),
});
