//! No message shows a key, wherever it stands and whatever is wrong around it.

use crate::support::{KEY, ORG, chain, notes, with};

#[test]
fn no_error_and_no_note_of_the_corpus_repeats_a_key() {
    let mut seen = 0;
    for (yaml, _) in crate::bad_input::corpus() {
        seen += usize::from(yaml.contains(KEY));
        let error = with(&yaml, &[]).unwrap_err();
        let shown = format!("{} {error:?}", chain(&error));
        assert!(!shown.contains(KEY), "{yaml}\n{shown}");
    }
    assert!(seen > 20, "the corpus has keys in it");
}

/// A good file, with a key at each place that can hold one.
fn full() -> String {
    format!(
        "site: example.com
dd_url: https://keys.example.com
api_key: {KEY}
proxy:
  https: http://user:{KEY}@proxy.example:3128
  no_proxy: [a.example, b.example]
delegated_auth:
  org_uuid: {ORG}
  provider: aws
  aws:
    region: eu-west-1
  refresh_interval_mins: 30
logs_config:
  api_key: \"{KEY}\"
  delegated_auth:
    org_uuid: {ORG}
  additional_endpoints:
    - api_key: 'DELA({ORG}, aws, fallback={KEY})'
      host: logs.example.com
      port: 443
additional_endpoints:
  https://more.example.com:
    - {KEY}
    - DELA({ORG}, aws, fallback={KEY})
"
    )
}

#[test]
fn nor_does_any_file_that_is_broken_at_one_place() {
    let full = full();
    let settings = with(&full, &[]).unwrap();
    assert!(!format!("{settings:?} {:?}", notes(&settings)).contains(KEY));
    let strokes =
        ["", "\t", "'", "\"", "[", "}", ": ", "\n", "*", "&", "%", "{{ ", KEY, "\u{0}", "@"];
    let mut refused = 0;
    for (at, _) in full.char_indices() {
        for stroke in strokes {
            let cut = usize::from(stroke.is_empty());
            let broken = format!("{}{stroke}{}", &full[..at], &full[at + cut..]);
            let shown = match with(&broken, &[]) {
                Ok(settings) => format!("{:?} {:?}", settings.notes, notes(&settings)),
                Err(error) => {
                    refused += 1;
                    format!("{} {error:?}", chain(&error))
                }
            };
            // A part of the key is as bad: ten digits of it in a row are no accident.
            assert!(
                KEY.as_bytes()
                    .windows(10)
                    .all(|part| { !shown.contains(std::str::from_utf8(part).unwrap()) }),
                "{broken}\n{shown}"
            );
        }
    }
    assert!(refused > 1000, "{refused}");
}
