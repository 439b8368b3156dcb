//! What a restart begins with.

use super::*;

/// Keeps in memory, and may fail.
#[derive(Debug, Default)]
struct MemoryCache {
    held: Mutex<Option<CachedKey>>,
    broken: bool,
}

impl KeyCache for MemoryCache {
    fn load(&self) -> Result<Option<CachedKey>, CacheError> {
        Ok(self.held.lock().unwrap().clone())
    }

    fn store(&self, key: &CachedKey) -> Result<(), CacheError> {
        if self.broken {
            return Err(CacheError::Other("the disk is full".to_owned()));
        }
        *self.held.lock().unwrap() = Some(key.clone());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_begins_with_the_cached_key() {
    let cache = Arc::new(MemoryCache::default());
    let settings = KeeperSettings { cache: Some(cache.clone()), ..with_fallback() };
    let script = Script::new(Does::Gives("k1"));
    let keeper = script.keeper(settings.clone()).await;
    sleep(HOUR * 3).await;
    keeper.stop().await;

    script.now(Does::IsAway);
    let keeper = script.keeper(settings.clone()).await;
    let key = keeper.key().unwrap();
    assert_eq!((key.expose(), key.source()), ("k1", KeySource::Managed), "not the fallback");
    let status = keeper.status();
    assert_eq!((status.state, status.consecutive_failures), (KeyState::Active, 1));
    assert!(status.last_refresh > Some(Timestamp::from_unix_seconds(NOON + 3_600)));
    keeper.stop().await;

    sleep(HOUR * 29).await;
    let keeper = script.keeper(settings.clone()).await;
    assert_eq!(keeper.key().unwrap().source(), KeySource::Fallback, "too old by now");
    keeper.stop().await;

    cache.held.lock().unwrap().as_mut().unwrap().obtained_at = RuntimeClock(script.began).now();
    cache.held.lock().unwrap().as_mut().unwrap().target.server = "https://other".to_owned();
    let keeper = script.keeper(settings).await;
    assert_eq!(keeper.key().unwrap().source(), KeySource::Fallback, "another server's");
}

#[tokio::test(start_paused = true)]
async fn a_broken_cache_is_told_of_and_costs_no_key() {
    let cache = Arc::new(MemoryCache { broken: true, ..MemoryCache::default() });
    let script = Script::new(Does::Gives("k1"));
    let settings = KeeperSettings { cache: Some(cache), ..KeeperSettings::default() };
    let keeper = script.keeper(settings).await;
    assert_eq!(text(&keeper).as_deref(), Some("k1"));
    assert_eq!(keeper.status().cache_error.as_deref(), Some("the disk is full"));
}
