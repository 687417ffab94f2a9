//! Flips of pancakes: the greatest number of prefix reversals over all permutations of ten.

const SIZE: usize = 10;

fn main() {
    let mut first: Vec<usize> = (0..SIZE).collect();
    let mut count = vec![0; SIZE];
    let (mut most, mut checksum, mut round, mut rest) = (0, 0, 0, SIZE);
    loop {
        while rest != 1 {
            count[rest - 1] = rest;
            rest -= 1;
        }
        let flips = count_flips(&first);
        most = most.max(flips);
        checksum += if round % 2 == 0 { flips } else { -flips };
        loop {
            if rest == SIZE {
                println!("{checksum}\nPfannkuchen({SIZE}) = {most}");
                return;
            }
            let head = first[0];
            for i in 0..rest {
                first[i] = first[i + 1];
            }
            first[rest] = head;
            count[rest] -= 1;
            if count[rest] > 0 {
                break;
            }
            rest += 1;
        }
        round += 1;
    }
}

/// How many prefix reversals it takes until the first is 0.
fn count_flips(start: &[usize]) -> i64 {
    let mut stack = start.to_vec();
    let mut flips = 0;
    let mut top = stack[0];
    while top != 0 {
        let (mut low, mut high) = (0, top);
        while low < high {
            stack.swap(low, high);
            low += 1;
            high -= 1;
        }
        flips += 1;
        top = stack[0];
    }
    flips
}
