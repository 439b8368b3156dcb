//! What holds for every text.

use auth_model::{ExposeSecret, SecretString};
use delegated_auth_config::{Directive, read};
use proptest::prelude::*;

use crate::support::{chain, org, shown};

fn uuid() -> impl Strategy<Value = String> {
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
}

fn region() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z]{2}-[a-z]{2,8}-[1-9]")
}

fn fallback() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[!-'*+\\--~]{1,64}")
}

/// Pieces of such files, so that random texts get past the first line.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "delegated_auth:",
        "  org_uuid: ",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "\n",
        "\n  ",
        "\n    ",
        "additional_endpoints:",
        "https://a.example",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "<<: ",
        "DELA(",
        "aws",
        ")",
        "fallback=",
        "'",
        "\"",
        "#",
        "---\n",
        "\t",
        "logs_config:",
        "api_key: ",
        "host: ",
        "{{ ",
        "%%",
        "!!str ",
        "|\n",
        ">-\n",
        "\r\n",
        "\u{feff}",
        "site: ",
        "dd_url: ",
        "proxy:",
        "no_proxy: ",
        "~",
        "? ",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "\\PC{0,6}", 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #[test]
    fn a_directive_reads_as_it_was_printed(id in uuid(), region in region(), fallback in fallback()) {
        let mut text = format!("DELA({id}, aws");
        if let Some(region) = &region { text += &format!(", region={region}"); }
        if let Some(fallback) = &fallback { text += &format!(", fallback={fallback}"); }
        text.push(')');
        let directive: Directive = text.parse().unwrap();
        prop_assert_eq!(directive.org, org(&id));
        prop_assert_eq!(&directive.region, &region);
        prop_assert_eq!(shown(directive.fallback.as_ref()), fallback.as_deref());
        let printed = directive.to_text();
        prop_assert_eq!(printed.expose_secret(), text.as_str());
    }

    #[test]
    fn no_text_makes_the_directive_panic(text in "(DELA\\()?\\PC{0,80}\\)?") {
        if let Ok(directive) = text.parse::<Directive>() {
            let printed: SecretString = directive.to_text();
            prop_assert!(printed.expose_secret().parse::<Directive>().is_ok());
        }
    }

    #[test]
    fn a_broken_directive_does_not_show_its_key(
        id in uuid(), key in "[0-9a-f]{32}", at in 0_usize..60, stroke in "[(),= a]{0,2}",
    ) {
        let text = format!("DELA({id}, aws, fallback={key})");
        let (head, tail) = text.split_at(at.min(text.len()));
        if let Err(error) = format!("{head}{stroke}{tail}").parse::<Directive>() {
            let shown = format!("{error} {error:?}");
            prop_assert!(!shown.contains(&key));
        }
    }

    #[test]
    fn no_text_makes_the_file_panic(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let variable = |name: &str| (name == "DD_ADDITIONAL_ENDPOINTS").then(|| text.clone());
        for result in [read(&text, &|_| None), read("", &variable)] {
            match result {
                Ok(settings) => {
                    let mut names: Vec<_> = settings.instances.iter().map(|one| &one.name).collect();
                    prop_assert!(!names.is_empty());
                    names.sort();
                    names.dedup();
                    prop_assert_eq!(names.len(), settings.instances.len());
                }
                Err(error) => prop_assert!(!chain(&error).contains('\n')),
            }
        }
    }
}
