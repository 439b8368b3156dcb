//! Consumers whose key was refused.

use super::*;

#[tokio::test(start_paused = true)]
async fn nudges_are_heeded_once_in_half_a_minute() {
    let script = Script::new(Does::Gives("k1"));
    // So that the first wait is not by chance a short one, a refresh that was nudged for comes before.
    let keeper = script.keeper(KeeperSettings::default()).await;
    keeper.nudge();
    sleep(Duration::from_secs(31)).await;
    assert_eq!(script.count(), 2);
    script.now(Does::Gives("k2"));
    let nudger = keeper.nudger();
    for _ in 0..100 {
        nudger.nudge();
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((script.count(), text(&keeper).as_deref()), (2, Some("k1")));
    sleep(Duration::from_secs(20)).await;
    assert_eq!((script.count(), text(&keeper).as_deref()), (3, Some("k2")));
    sleep(MINUTE * 40).await;
    assert_eq!(script.count(), 3, "all were answered by one");
    keeper.nudge();
    sleep(Duration::from_millis(1)).await;
    assert_eq!(script.count(), 4, "at once, where the last refresh is long ago");

    // A consumer that is refused again and again does not become a flood.
    for _ in 0..6_000 {
        nudger.nudge();
        sleep(Duration::from_millis(100)).await;
    }
    assert!((23..=24).contains(&script.count()), "{}", script.count());
    for wait in script.waits() {
        assert!(wait >= Duration::from_secs(30), "{wait:?}");
    }
}

/// A status is written to a disk; whoever is refused all the time must not keep that busy.
#[tokio::test(start_paused = true)]
async fn nudges_that_change_nothing_are_told_to_nobody() {
    let script = Script::new(Does::Gives("k1"));
    let keeper = script.keeper(KeeperSettings::default()).await;
    let mut statuses = keeper.statuses();
    statuses.mark_unchanged();
    keeper.nudge();
    statuses.changed().await.unwrap();
    for _ in 0..20 {
        keeper.nudge();
        sleep(Duration::from_secs(1)).await;
        assert!(!statuses.has_changed().unwrap());
    }
}

#[tokio::test(start_paused = true)]
async fn a_nudge_during_an_exchange_is_answered_by_it_if_that_gives_a_key() {
    for (does, count) in [(Does::GivesSlowly("k2"), 2), (Does::Hangs, 3)] {
        let script = Script::new(Does::Gives("k1"));
        let keeper = script.keeper(KeeperSettings::default()).await;
        script.now(does.clone());
        keeper.nudge();
        sleep(Duration::from_secs(35)).await;
        assert_eq!(script.under_way.load(Ordering::SeqCst), 1);
        keeper.nudge();
        sleep(Duration::from_secs(75)).await;
        assert_eq!(script.count(), count, "{does:?}");
    }
}
