//! The spectral norm of an infinite matrix, cut off at 2000.

const SIZE: usize = 2000;

fn entry(i: usize, j: usize) -> f64 {
    1.0 / ((i + j) * (i + j + 1) / 2 + i + 1) as f64
}

fn times(v: &[f64], result: &mut [f64]) {
    for i in 0..v.len() {
        result[i] = (0..v.len()).map(|j| entry(i, j) * v[j]).sum();
    }
}

fn transposed_times(v: &[f64], result: &mut [f64]) {
    for i in 0..v.len() {
        result[i] = (0..v.len()).map(|j| entry(j, i) * v[j]).sum();
    }
}

fn main() {
    let (mut u, mut v, mut between) = (vec![1.0; SIZE], vec![0.0; SIZE], vec![0.0; SIZE]);
    for _ in 0..10 {
        times(&u, &mut between);
        transposed_times(&between, &mut v);
        times(&v, &mut between);
        transposed_times(&between, &mut u);
    }
    let (mut uv, mut vv) = (0.0, 0.0);
    for i in 0..SIZE {
        uv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    println!("{:.9}", (uv / vv as f64).sqrt());
}
