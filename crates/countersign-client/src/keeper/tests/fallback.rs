//! What a server is told of a fallback.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_server_is_told_of_the_fallback_until_it_first_gives_a_key_and_not_after() {
    let script = Script::new(Does::IsAway);
    sleep(MINUTE).await;
    let keeper = script.keeper(with_fallback()).await;
    let since = keeper.key().unwrap().since();
    assert_eq!(since.unix_seconds(), NOON + 60);
    sleep(HOUR * 10).await;
    let mut keys = keeper.keys();
    keys.mark_unchanged();
    script.now(Does::Gives("k1"));
    keys.changed().await.unwrap();
    assert_eq!(keeper.key().unwrap().source(), KeySource::Managed);
    let first = script.count();
    assert!(first > 8, "{first}");
    script.now(Does::IsAway);
    sleep(HOUR * 10).await;
    script.now(Does::Gives("k2"));
    sleep(HOUR * 10).await;

    let told = script.told.lock().unwrap().clone();
    assert_eq!(told[0], None, "at the start nothing is in use yet");
    assert!(told[1..first].iter().all(|told| *told == Some(since)), "{told:?}");
    assert!(told.len() > first + 15 && told[first..].iter().all(Option::is_none), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_fallback_in_use_nothing_is_told_of_one() {
    let script = Script::new(Does::IsAway);
    let _without = script.keeper(KeeperSettings::default()).await;
    sleep(HOUR * 5).await;
    let other = Script::new(Does::Gives("k1"));
    let _unused = other.keeper(with_fallback()).await;
    sleep(HOUR * 5).await;
    for script in [script, other] {
        assert!(script.count() > 3);
        assert!(script.told.lock().unwrap().iter().all(Option::is_none));
    }
}
