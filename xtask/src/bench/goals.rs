//! What is to be measured, so that the table can also name what was not.

use super::ratio::Ratio;

/// Id, what it compares with what. The goal stands in the benchmark's own line.
const MEASURES: &[(&str, &str)] = &[
    ("A1", "one pattern, one ARN / memcmp"),
    ("A1b", "one pattern, one ARN / wildmatch"),
    ("A2", "parse an ARN / arn"),
    ("A2b", "parse an ARN / scratchstack-arn"),
    ("A3a", "lookup among 10 / linear scan"),
    ("A3b", "lookup among 1k / best peer"),
    ("A3c", "lookup among 100k / best peer"),
    ("A3d", "lookup among 1M / best peer"),
    ("A3e", "lookup among 1M / hash and one load"),
    ("A3f", "cold lookup among 1M / same floor, cold"),
    ("A4", "lookup among 1M / among 1k"),
    ("A5", "live bytes / bytes of the literals, 1M"),
    ("A5b", "peak while building / live"),
    ("A6", "build 1M / rart"),
    ("A6b", "add or remove one of 1M / lookup"),
    ("A6b-rebuild", "add or remove one of 1M / rebuild"),
    ("A7-nested", "63 nested prefixes / usual lookup"),
    ("A7-lengths", "56 prefix lengths in one role / usual lookup"),
    ("A7-sessions", "1M sessions in one role / usual lookup"),
    ("A7-slashes", "240 slashes / usual lookup"),
    ("A8", "allocations in a lookup"),
    ("B1", "sign a JWT / raw EdDSA sign"),
    ("B1b", "sign a JWT / jsonwebtoken"),
    ("B2", "verify a JWT / raw EdDSA verify"),
    ("B3", "authenticate by a known JWT / raw verify"),
    ("B4", "authenticate by API key / SHA-256"),
    ("D1", "exchange / pass-through and raw sign"),
    ("D2", "exchange / minimal Go exchange"),
    ("D3", "exchange / RustyVault AppRole login"),
    ("D4", "exchange / oidc-provider client_credentials"),
    ("D5", "exchange without network / raw EdDSA sign"),
    ("D8", "TLS handshakes to STS / exchanges"),
    ("D9", "STS calls for 100 equal proofs at once"),
    ("E1", "start to first answer / moto_server"),
    ("E1b", "start to first answer / Go hello"),
    ("E2", "memory when idle / Go hello"),
    ("E2m", "memory when idle / moto_server"),
    ("E3", "memory for 1M patterns / their literals"),
    ("E4", "restart with the mappings in SQLite / reading their rows"),
    ("E4p", "the same on PostgreSQL / COPY of the rows"),
    ("E5", "bytes of SQLite for each mapping"),
    ("E5p", "bytes of PostgreSQL for each mapping"),
    ("E6", "match in the database / primary-key SELECT"),
    ("E6i", "match in the database / in-memory index"),
    ("E6p", "match in PostgreSQL / primary-key SELECT"),
    ("E6pi", "match in PostgreSQL / in-memory index"),
    ("F1-10k", "one person's attributes against 10k authN mappings / a hundred"),
    ("F1-10k-people", "the same, each time another person"),
    ("F1-1M", "one person's attributes against 1M authN mappings / a hundred"),
    ("F1-1M-people", "the same, each time another person"),
    ("F2", "each of 200 attributes / each of 50"),
    ("F3", "verify a SAML response of 20 kB / raw RSA-2048 verify"),
    ("G1", "through nginx and the gate / through nginx alone, median"),
    ("G1t", "the same, p99"),
    ("G2", "with nginx's cache in front of the gate / nginx alone, median"),
    ("G2t", "the same, p99"),
    ("G3", "through nginx and the gate / nginx alone, 16 clients, median"),
    ("G3t", "the same, p99"),
    ("G4", "with nginx's cache / nginx alone, 16 clients, median"),
    ("G4t", "the same, p99"),
    ("H1", "resident memory of an idle agent with 10 instances / 15 MiB"),
    ("H2", "CPU of an idle agent with 10 instances / 0.1 % of a core"),
    ("L1s", "first page of many users / of a hundred, SQLite"),
    ("L1p", "the same, PostgreSQL"),
    ("L2s", "first page of many roles / of a hundred, SQLite"),
    ("L2p", "the same, PostgreSQL"),
    ("L3s", "first page of many API keys / of a hundred, SQLite"),
    ("L3p", "the same, PostgreSQL"),
    ("L4s", "first page of many application keys / of a hundred, SQLite"),
    ("L4p", "the same, PostgreSQL"),
    ("L5s", "first page of many teams / of a hundred, SQLite"),
    ("L5p", "the same, PostgreSQL"),
    ("L6s", "authenticate by key pair among many / among a hundred, SQLite"),
    ("L6p", "the same, PostgreSQL"),
    ("L7s", "authenticate by mapping among many / among a hundred, SQLite"),
    ("L7p", "the same, PostgreSQL"),
];

/// One row for each measure, in order, and after them those that nobody announced.
pub(super) fn rows(ratios: &[Ratio]) -> Vec<[String; 6]> {
    let announced = MEASURES.iter().map(|(id, what)| {
        let ratio = ratios.iter().find(|ratio| ratio.id == *id);
        ratio.map_or_else(|| absent(id, what), row)
    });
    let others =
        ratios.iter().filter(|ratio| MEASURES.iter().all(|(id, _)| *id != ratio.id)).map(row);
    announced.chain(others).collect()
}

fn row(ratio: &Ratio) -> [String; 6] {
    let Ratio { id, goal, what, .. } = ratio;
    let (measured, spread) = ratio.figures.map_or_else(Default::default, |figures| {
        (figures.median.to_string(), format!("{}..{}", figures.low, figures.high))
    });
    let verdict = ratio.verdict().to_owned();
    [id.clone(), measured, spread, format!("<= {goal}"), verdict, what.clone()]
}

fn absent(id: &str, what: &str) -> [String; 6] {
    let empty = String::new;
    [id.to_owned(), empty(), empty(), empty(), "not run".to_owned(), what.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::{MEASURES, Ratio, rows};

    #[test]
    fn what_was_not_measured_is_named_and_what_nobody_announced_is_shown() {
        let line = "RATIO Z9 1 1..1 goal<=2";
        let rows = rows(&[Ratio::parse(line).unwrap()]);
        assert_eq!(rows.len(), MEASURES.len() + 1);
        assert_eq!(rows[0][4], "not run");
        assert_eq!(
            (rows[MEASURES.len()][0].as_str(), rows[MEASURES.len()][4].as_str()),
            ("Z9", "met")
        );
    }
}
