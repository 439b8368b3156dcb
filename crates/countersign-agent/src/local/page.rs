//! The status page: one table, no scripts, made anew every ten seconds.

use maud::{DOCTYPE, html};

use crate::status::{AgentStatus, InstanceStatus, moment};

pub(super) const STYLE: &str = include_str!("page.css");

pub(super) fn render(status: &AgentStatus) -> String {
    let now = status.written_at;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content="10";
                title { (title(status)) }
                link rel="stylesheet" href="/style.css";
            }
            body {
                h1 { "Countersign agent" }
                p {
                    "Process " (status.pid) ". The same as JSON: " a href="/status" { "/status" }
                    ", for Prometheus: " a href="/metrics" { "/metrics" } "."
                }
                table {
                    thead {
                        tr {
                            @for heading in ["instance", "state", "last refresh", "next refresh", "credentials", "region", "in words"] {
                                th scope="col" { (heading) }
                            }
                        }
                    }
                    tbody { @for one in &status.instances { (row(one, now)) } }
                }
            }
        }
    }
    .into_string()
}

fn row(one: &InstanceStatus, now: i64) -> maud::Markup {
    let at = |time: Option<i64>| time.map_or_else(|| "–".to_owned(), |time| moment(time, now));
    html! {
        tr {
            td class="name" { (one.name) }
            td { span class={ "state " (one.state) } { (one.state) } }
            td class="time" data-heading="last refresh" { (at(one.last_refresh)) }
            td class="time" data-heading="next refresh" { (at(one.next_refresh)) }
            td data-heading="credentials" { (one.credentials_from.as_deref().unwrap_or("–")) }
            td data-heading="region" { (one.region.as_deref().unwrap_or("global")) }
            td class="words" {
                (one.story(now)) "."
                @for problem in one.problems() { p class="problem" { (problem) } }
            }
        }
    }
}

/// What the tab says.
fn title(status: &AgentStatus) -> String {
    let well = status.instances.iter().filter(|one| one.state == "active").count();
    format!("{well} of {} active · Countersign agent", status.instances.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_escaped() {
        let one = InstanceStatus {
            name: "<b>".to_owned(),
            state: "active".to_owned(),
            last_error: Some("<script>alert(1)</script>".to_owned()),
            ..InstanceStatus::default()
        };
        let text = render(&AgentStatus { pid: 7, written_at: 0, instances: vec![one] });
        assert!(text.contains("&lt;b&gt;") && text.contains("1 of 1 active"));
        assert!(!text.contains("<script") && !text.contains("<b>"));
    }
}
