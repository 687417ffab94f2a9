// Chains of iterators.
const ROUNDS: i64 = 20000;

#[inline(never)]
fn squares_of_odd(xs: &[i64]) -> i64 {
    xs.iter().filter(|x| *x % 2 == 1).map(|x| x * x).sum()
}

#[inline(never)]
fn dot(xs: &[i64], ys: &[i64]) -> i64 {
    xs.iter().zip(ys).map(|(x, y)| x * y).sum()
}

#[inline(never)]
fn weighted(xs: &[i64]) -> i64 {
    xs.iter().skip(10).enumerate().fold(0, |total, (i, x)| total + i as i64 * x)
}

#[inline(never)]
fn mixed(n: i64) -> i64 {
    (0..n).map(|x| x * 7).filter(|x| x % 3 != 0).take(2000).fold(0, |mixed, x| (mixed ^ x) + 1)
}

fn main() {
    let xs: Vec<i64> = (0..4000).map(|x| x * 37 % 101).collect();
    let ys: Vec<i64> = xs.iter().map(|x| x + 3).collect();
    let mut total = 0;
    for round in 0..ROUNDS {
        total += squares_of_odd(&xs) + dot(&xs, &ys) + weighted(&xs) + mixed(3000 + round % 10);
        total %= 1_000_000_007;
    }
    println!("{total}");
}
