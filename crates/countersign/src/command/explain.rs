//! `countersign explain ARN`

use jsonapi_model::resources::{ExplainedMapping, Explanation, KindExplanation};

use crate::{
    cli::{Explain, Output},
    connection,
    failure::Failure,
    output,
};

pub(crate) async fn run(args: Explain, form: Output) -> Result<(), Failure> {
    let explanation = connection::api(&args.api).await?.explain(&args.arn).await?;
    if form == Output::Json {
        return Ok(output::json(&explanation)?);
    }
    let Explanation { arn, aws_account_id, account_integrated, persona, intake } = &explanation;
    output::line(arn);
    let integrated = if *account_integrated { "is integrated" } else { "is not integrated" };
    output::line(&format!(
        "{} AWS account {aws_account_id} {integrated}",
        output::mark(*account_integrated)
    ));
    kind("access token (persona mappings)", persona);
    kind("managed API key (intake mappings)", intake);
    Ok(())
}

fn kind(name: &str, kind: &KindExplanation) {
    let verdict = kind.refused.as_deref().unwrap_or("granted");
    output::line(&format!("\n{} {name}: {verdict}", output::mark(kind.granted)));
    let mut rows = Vec::new();
    rows.extend(
        kind.winner
            .iter()
            .map(|mapping| matching(if kind.granted { "wins" } else { "would win" }, mapping)),
    );
    rows.extend(kind.matched.iter().map(|mapping| matching("loses", mapping)));
    rows.extend(kind.near_misses.iter().map(|miss| {
        let found = if miss.found.is_empty() { "nothing" } else { &miss.found };
        let edit =
            miss.edit.as_deref().map_or_else(String::new, |edit| format!("; would match: {edit}"));
        vec![
            "nearly".to_owned(),
            miss.arn_pattern.clone(),
            miss.account_uuid.clone().unwrap_or_default(),
            format!("{}: `{}` asked for, `{found}` found{edit}", miss.field, miss.expected),
        ]
    }));
    if !rows.is_empty() {
        output::table(&["", "ARN pattern", "acts as", "why"], rows, "");
    }
}

fn matching(verdict: &str, mapping: &ExplainedMapping) -> Vec<String> {
    vec![
        verdict.to_owned(),
        mapping.arn_pattern.clone(),
        mapping.account_uuid.clone().unwrap_or_default(),
        mapping.reason.clone(),
    ]
}
