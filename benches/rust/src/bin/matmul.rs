//! The product of two 400 × 400 matrices, which are vectors of vectors, as the definition has it.

const SIZE: usize = 400;

fn matrix(seed: f64) -> Vec<Vec<f64>> {
    let scale = seed / (SIZE * SIZE) as f64;
    let entry = |i: usize, j: usize| scale * ((i as i64 - j as i64) * (i + j) as i64) as f64;
    (0..SIZE).map(|i| (0..SIZE).map(|j| entry(i, j)).collect()).collect()
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let mut c = Vec::new();
    for i in 0..n {
        let mut row = vec![0.0; n];
        for j in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[i][k] * b[k][j];
            }
            row[j] = sum;
        }
        c.push(row);
    }
    c
}

fn main() {
    let (a, b) = (matrix(1.0), matrix(2.0));
    let c = product(&a, &product(&a, &b));
    println!("{:.6} {:.6}", c[SIZE / 2][SIZE / 2], c[1][SIZE - 1]);
}
