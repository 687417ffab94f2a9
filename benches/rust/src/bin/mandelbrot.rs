//! The Mandelbrot set on 2000 × 2000 points, 50 rounds each: as many bytes as the picture has, hashed.

const SIZE: usize = 2000;
const ROUNDS: usize = 50;

fn main() {
    let mut picture: Vec<u8> = Vec::with_capacity(SIZE * SIZE / 8);
    for row in 0..SIZE {
        let ci = 2.0 * row as f64 / SIZE as f64 - 1.0;
        let mut bits = 0;
        for column in 0..SIZE {
            let cr = 2.0 * column as f64 / SIZE as f64 - 1.5;
            bits <<= 1;
            if is_inside(cr, ci) {
                bits |= 1;
            }
            if column % 8 == 7 {
                picture.push(bits);
                bits = 0;
            }
        }
    }
    let hash = picture.iter().fold(0, |hash, &bits| (hash * 31 + bits as i64) % 1_000_000_007);
    println!("{} bytes, hash {hash}", picture.len());
}

fn is_inside(cr: f64, ci: f64) -> bool {
    let (mut zr, mut zi, mut tr, mut ti) = (0.0, 0.0, 0.0, 0.0);
    for _ in 0..ROUNDS {
        if tr + ti > 4.0 {
            return false;
        }
        zi = 2.0 * zr * zi + ci;
        zr = tr - ti + cr;
        tr = zr * zr;
        ti = zi * zi;
    }
    tr + ti <= 4.0
}
