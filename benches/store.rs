//! How long what is kept for a while takes: a run's five parts written and read, in memory and, where `REDIS_URL` names
//! one, in Redis.

#![allow(clippy::unwrap_used)]

use echovoice::store::{KEPT, Memory, Redis, RedisLocation, Store};
use std::time::Instant;

const CALLS: usize = 20_000;

fn times(mut call: impl FnMut(usize)) -> String {
    let mut times: Vec<f64> = (0..CALLS)
        .map(|n| {
            let from = Instant::now();
            call(n);
            from.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(CALLS - 1) * share / 1_000];
    format!(
        "p50 {:.3} ms   p99 {:.3} ms   p99.9 {:.3} ms",
        at(500),
        at(990),
        at(999)
    )
}

fn measure(name: &str, store: &dyn Store) {
    let part = vec![b'x'; 1_500];
    let keys = |n: usize| -> Vec<String> {
        ["segment", "citations", "variants", "analysis", "winner"]
            .iter()
            .map(|part| format!("bench-{}:{part}", n % 500))
            .collect()
    };
    let put = times(|n| {
        let values: Vec<_> = keys(n).into_iter().map(|key| (key, part.clone())).collect();
        store.put(&values).unwrap();
    });
    let get = times(|n| assert!(store.get(&keys(n)).unwrap().iter().all(Option::is_some)));
    println!("{name}: write {put}");
    println!("{name}: read  {get}");
    for n in 0..500 {
        store.forget(&keys(n)).unwrap();
    }
}

fn main() {
    measure("memory", &Memory::new(KEPT));
    match std::env::var("REDIS_URL") {
        Ok(url) => {
            let prefix = String::from("bench:");
            let place = RedisLocation {
                url: url.into(),
                prefix,
                kept: KEPT,
            };
            measure("redis ", &Redis::new(place).unwrap());
        }
        Err(_) => println!("redis : not measured, REDIS_URL is not set"),
    }
}
