//! A hundred tasks on Tokio move money between the accounts of a bank, each under the mutexes of both, the one with the lower number first.

use std::sync::{Arc, Mutex};

use tokio::task::JoinSet;

const ACCOUNTS: usize = 1_000;
const TASKS: usize = 100;
const EACH: usize = 20_000;

fn transfer(bank: &[Mutex<i64>], from: usize, to: usize, amount: i64) {
    let mut lower = bank[from.min(to)].lock().expect("no task panics");
    let mut higher = bank[from.max(to)].lock().expect("no task panics");
    let (source, target) = if from < to { (&mut *lower, &mut *higher) } else { (&mut *higher, &mut *lower) };
    if *source >= amount {
        *source -= amount;
        *target += amount;
    }
}

async fn work() -> i64 {
    let bank: Arc<[Mutex<i64>]> = (0..ACCOUNTS).map(|_| Mutex::new(1_000)).collect();
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let bank = Arc::clone(&bank);
        tasks.spawn(async move {
            let mut random = task;
            for _ in 0..EACH {
                random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
                let (from, to) = (random / 65_536 % ACCOUNTS, random / 64 % ACCOUNTS);
                if from != to {
                    transfer(&bank, from, to, (random % 100) as i64);
                }
            }
        });
    }
    tasks.join_all().await;
    bank.iter().map(|balance| *balance.lock().expect("no task panics")).sum()
}

fn main() {
    println!("{}", plat_benches::run(work()));
}
