//! Any text as a file, and as the variable of the endpoints: nothing panics, names are unique, no secret is shown.
#![no_main]

use std::collections::BTreeSet;

use delegated_auth_config::read;
use libfuzzer_sys::fuzz_target;

/// Put where the input says `KEY`: no message may repeat it.
const SECRET: &str = "5ec2e75ec2e75ec2e75ec2e75ec2e75e";

fuzz_target!(|text: &str| {
    let text = text.replace("KEY", SECRET);
    let of_variable = |name: &str| (name == "DD_ADDITIONAL_ENDPOINTS").then(|| text.clone());
    for result in [read(&text, &|_| None), read("", &of_variable)] {
        match result {
            Ok(settings) => {
                let names: BTreeSet<_> = settings.instances.iter().map(|one| &one.name).collect();
                assert_eq!(names.len(), settings.instances.len());
                assert!(!settings.instances.is_empty());
                assert!(!format!("{:?}", settings.notes).contains(SECRET));
                assert!(settings.instances.iter().all(|one| !one.places.is_empty()));
            }
            Err(error) => assert!(!format!("{error} {error:?}").contains(SECRET)),
        }
    }
});
