//! Quicksort of 2,000,000 numbers from a simple generator, three times.

const SIZE: usize = 2_000_000;

fn sort(items: &mut [i64], first: i64, last: i64) {
    let (mut low, mut high) = (first, last);
    let pivot = items[((first + last) / 2) as usize];
    while low <= high {
        while items[low as usize] < pivot {
            low += 1;
        }
        while items[high as usize] > pivot {
            high -= 1;
        }
        if low <= high {
            items.swap(low as usize, high as usize);
            low += 1;
            high -= 1;
        }
    }
    if first < high {
        sort(items, first, high);
    }
    if low < last {
        sort(items, low, last);
    }
}

fn main() {
    let mut seed = 42;
    for _ in 0..3 {
        let mut items: Vec<i64> = Vec::with_capacity(SIZE);
        for _ in 0..SIZE {
            seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
            items.push(seed);
        }
        sort(&mut items, 0, SIZE as i64 - 1);
        for i in 1..SIZE {
            if items[i - 1] > items[i] {
                panic!("not sorted");
            }
        }
        println!("{} {} {}", items[0], items[SIZE / 2], items[SIZE - 1]);
    }
}
