//! In which order functions are followed: callees first, and at the same time those that do not wait for each other.

use plat_syntax::hash::HashSet;

use crate::mir::graph::components;

/// Functions whose callees, but for those of their own circle, are all in earlier waves.
#[derive(Default)]
pub(super) struct Wave {
    /// Those that come to no call of themselves.
    pub plain: Vec<usize>,
    /// Those that call each other in circles, or themselves.
    pub circles: Vec<Vec<usize>>,
}

/// All functions, by what each calls.
pub(super) fn waves(calls: &[Vec<usize>]) -> Vec<Wave> {
    let mut numbers = vec![0; calls.len()];
    let mut waves: Vec<Wave> = Vec::new();
    for component in components(calls) {
        let own: HashSet<usize> = component.iter().copied().collect();
        let called = component.iter().flat_map(|&function| &calls[function]);
        let number = called.filter(|callee| !own.contains(callee)).map(|&callee| numbers[callee] + 1).max();
        let number = number.unwrap_or(0);
        component.iter().for_each(|&function| numbers[function] = number);
        if waves.len() <= number {
            waves.resize_with(number + 1, Wave::default);
        }
        match component[..] {
            [function] if !calls[function].contains(&function) => waves[number].plain.push(function),
            _ => waves[number].circles.push(component),
        }
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_comes_after_all_that_it_calls() {
        // 0 and 1 call each other and 2; 3 calls itself; 4 calls 0, 2 and 3.
        let waves = waves(&[vec![1, 2], vec![0], vec![], vec![3], vec![0, 2, 3]]);
        let plain: Vec<&[usize]> = waves.iter().map(|wave| &wave.plain[..]).collect();
        assert_eq!(plain, [&[2][..], &[], &[4]]);
        assert_eq!(waves[0].circles, [[3]]);
        assert_eq!(waves[1].circles.len(), 1);
    }
}
