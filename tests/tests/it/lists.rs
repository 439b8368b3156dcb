//! What all lists have in common: pages, orders, filters, totals.

use integration::{API_KEYS, OWN_APP_KEYS, ROLES, SERVICE_ACCOUNTS, TEAMS, USERS, World, bodies};
use serde_json::{Value, json};

/// A list, and how one more row of it is made.
struct List {
    path: String,
    create: &'static str,
    body: fn(&str) -> Value,
    sorts: &'static [&'static str],
    /// The filter that looks at names.
    filter: &'static str,
    /// Says how long it is under `meta.pagination`.
    by_offset: bool,
}

fn lists() -> Vec<List> {
    let list = |path: &str, body, sorts| List {
        path: path.to_owned(),
        create: "",
        body,
        sorts,
        filter: "filter",
        by_offset: false,
    };
    let person = |name: &str| {
        let mut body = bodies::user(&format!("{name}@example.com"), &[]);
        body["data"]["attributes"]["name"] = name.into();
        body
    };
    vec![
        list(ROLES, |name| bodies::role(name, &[]), &["name", "modified_at", "user_count"]),
        list(USERS, person, &["name", "email", "created_at", "modified_at"]),
        list(
            API_KEYS,
            |name| bodies::named("api_keys", name),
            &["name", "created_at", "modified_at", "last4"],
        ),
        list(OWN_APP_KEYS, |name| bodies::app_key(name, None), &["name", "created_at", "last4"]),
        List {
            create: OWN_APP_KEYS,
            ..list(
                integration::APP_KEYS,
                |name| bodies::app_key(name, None),
                &["name", "created_at", "last4"],
            )
        },
        List {
            filter: "filter[keyword]",
            by_offset: true,
            ..list(TEAMS, bodies::team, &["name", "user_count"])
        },
    ]
}

/// A world in which the list has five rows whose names hold `zq`, made in another order than that of their names.
async fn with_five(list: &List) -> World {
    let world = World::start().await;
    let create = if list.create.is_empty() { &list.path } else { list.create };
    for name in ["zq-c", "zq-a", "zq-e", "zq-b", "zq-d"] {
        let made = world.client().post(create, world.keys(), &(list.body)(name)).await;
        assert!(made.status.is_success(), "{made:?}");
    }
    world
}

async fn get(world: &World, list: &List, query: &str) -> Value {
    let path = format!("{}?{}=ZQ&{query}", list.path, list.filter);
    world.client().get(&path, world.keys()).await.expect(200).json()
}

fn column(page: &Value, name: &str) -> Vec<Value> {
    page["data"].as_array().unwrap().iter().map(|row| row["attributes"][name].clone()).collect()
}

#[tokio::test]
async fn every_list_is_sorted_by_each_of_its_names_both_ways() {
    for list in lists() {
        let world = with_five(&list).await;
        for name in list.sorts {
            let up = column(&get(&world, &list, &format!("sort={name}")).await, name);
            let down = column(&get(&world, &list, &format!("sort=-{name}")).await, name);
            assert_eq!(up.len(), 5, "{} by {name}", list.path);
            let text = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>();
            let mut sorted = text(&up);
            sorted.sort();
            assert_eq!(text(&up), sorted, "{} by {name}", list.path);
            sorted.reverse();
            assert_eq!(text(&down), sorted, "{} by -{name}", list.path);
        }
        let first = column(&get(&world, &list, "").await, list.sorts[0]);
        assert_eq!(
            first,
            column(&get(&world, &list, "sort=name").await, list.sorts[0]),
            "{}",
            list.path
        );
    }
}

#[tokio::test]
async fn pages_put_together_are_the_whole_list_and_past_the_end_there_is_nothing() {
    for list in lists() {
        let world = with_five(&list).await;
        for sort in list.sorts {
            let whole = get(&world, &list, &format!("sort={sort}")).await;
            for size in [1, 2, 5, 5_000] {
                let mut rows = Vec::new();
                for number in 0..=5 {
                    let query = format!("sort={sort}&page[size]={size}&page[number]={number}");
                    let page = get(&world, &list, &query).await;
                    let part = page["data"].as_array().unwrap().clone();
                    assert!(part.len() <= size);
                    let filtered = match list.by_offset {
                        true => &page["meta"]["pagination"]["total"],
                        false => &page["meta"]["page"]["total_filtered_count"],
                    };
                    assert_eq!(filtered, &json!(5), "{}, page {number} of {size}", list.path);
                    rows.extend(part);
                }
                assert_eq!(json!(rows), whole["data"], "{} by {sort}, pages of {size}", list.path);
            }
        }
        let far = format!("page[size]=5000&page[number]={}", u64::MAX);
        assert_eq!(get(&world, &list, &far).await["data"], json!([]), "{}", list.path);
    }
}

#[tokio::test]
async fn the_total_counts_all_and_the_filtered_total_those_looked_for() {
    for list in lists().into_iter().filter(|list| !list.by_offset) {
        let world = with_five(&list).await;
        let all = world.client().get(&list.path, world.keys()).await.expect(200).json();
        let page = get(&world, &list, "page[size]=2").await["meta"]["page"].clone();
        assert_eq!(page["total_count"], all["meta"]["page"]["total_count"], "{}", list.path);
        assert_eq!(page["total_filtered_count"], 5);
        let none = format!("{}?{}=nothing-like-it", list.path, list.filter);
        let none = world.client().get(&none, world.keys()).await.expect(200).json();
        assert_eq!(none["data"], json!([]));
        assert_eq!(none["meta"]["page"]["total_filtered_count"], 0);
    }
}

#[tokio::test]
async fn what_is_no_page_and_no_order_is_refused_with_what_there_is() {
    let world = World::start().await;
    let account = format!("{SERVICE_ACCOUNTS}/{}/application_keys", world.service_account.id);
    let role = format!("{ROLES}/{}/users", world.org.first.admin.id);
    let team = world.client().post(TEAMS, world.keys(), &bodies::team("t")).await.expect(201).id();
    let members = format!("{TEAMS}/{team}/memberships");
    let paths = [
        ROLES,
        USERS,
        API_KEYS,
        OWN_APP_KEYS,
        integration::APP_KEYS,
        TEAMS,
        &account,
        &role,
        &members,
    ];
    for path in paths {
        for size in ["0", "-1", "1000000000", "5001", "ten", "1.5", "%00", "99999999999999999999"] {
            let answer =
                world.client().get(&format!("{path}?page[size]={size}"), world.keys()).await;
            let detail = answer.expect(400).detail();
            assert!(
                detail.contains("`page[size]` is a whole number from 1 to 5000"),
                "{path}, {size}: {detail}"
            );
        }
        for number in ["-1", "one", "99999999999999999999"] {
            let answer =
                world.client().get(&format!("{path}?page[number]={number}"), world.keys()).await;
            assert!(answer.expect(400).detail().contains("`page[number]`"), "{path}, {number}");
        }
        for sort in ["colour", "-", "--name", "name,email", "NAME", ""] {
            let answer = world.client().get(&format!("{path}?sort={sort}"), world.keys()).await;
            let detail = answer.expect(400).detail();
            assert!(detail.contains("`sort` is one of `name`"), "{path}, {sort}: {detail}");
        }
    }
}

#[tokio::test]
async fn roles_are_filtered_by_ids_and_users_by_status_and_direction() {
    let world = World::start().await;
    let (client, keys) = (world.client(), world.keys());
    let first = &world.org.first;
    let names = async |path: String| {
        let list = client.get(&path, keys).await.expect(200).json();
        column(&list, "name")
            .iter()
            .map(|name| name.as_str().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };
    let both = format!("{ROLES}?filter[id]={},{}", first.standard.id, first.admin.id);
    assert_eq!(names(both).await, ["Datadog Admin Role", "Datadog Standard Role"]);
    let one = format!("{ROLES}?filter[id]=nonsense,{}", first.admin.id);
    assert_eq!(names(one).await, ["Datadog Admin Role"]);
    assert!(names(format!("{ROLES}?filter[id]=nonsense")).await.is_empty());
    let other = world.server.tenant("Other").await;
    assert!(names(format!("{ROLES}?filter[id]={}", other.first.admin.id)).await.is_empty());

    for (email, disabled) in [("ann@example.com", false), ("bob@example.com", true)] {
        let id = client.post(USERS, keys, &bodies::user(email, &[])).await.expect(201).id();
        if disabled {
            client.delete(&format!("{USERS}/{id}"), keys).await.expect(204);
        }
    }
    let emails = async |query: &str| {
        let list = client.get(&format!("{USERS}?{query}"), keys).await.expect(200).json();
        column(&list, "email")
            .iter()
            .map(|email| email.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(emails("filter[status]=Disabled").await, ["bob@example.com"]);
    assert_eq!(emails("filter[status]=pending").await, ["ann@example.com"]);
    assert_eq!(
        emails("filter[status]=Pending,Disabled&sort=email").await,
        ["ann@example.com", "bob@example.com"]
    );
    let up = emails("sort=email&sort_dir=asc").await;
    let mut down = emails("sort=email&sort_dir=desc").await;
    down.reverse();
    assert_eq!((up.len(), &up), (4, &down));
    assert_eq!(emails("filter=BOB%40").await, ["bob@example.com"], "an address, in any case");
    for query in ["filter[status]=Gone", "sort_dir=up"] {
        client.get(&format!("{USERS}?{query}"), keys).await.expect(400);
    }
}
