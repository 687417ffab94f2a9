//! What other languages call things: for names that nobody mistypes, but many bring along.

/// A name of other languages, and those that Plat has for it. Which of them is meant depends on what there is.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("Any", &["Display"]),
    ("Array", &["List"]),
    ("ArrayList", &["List"]),
    ("Boolean", &["Bool"]),
    ("Double", &["Float"]),
    ("HashMap", &["Dict"]),
    ("HashSet", &["Set"]),
    ("Integer", &["Int"]),
    ("Long", &["Int"]),
    ("Map", &["Dict"]),
    ("Maybe", &["Option"]),
    ("Optional", &["Option"]),
    ("Str", &["String"]),
    ("Vec", &["List"]),
    ("Vector", &["List"]),
    ("Void", &["Unit"]),
    ("abs_diff", &["abs"]),
    ("add", &["push", "insert"]),
    ("append", &["push", "extend"]),
    ("assert_equal", &["assert_eq"]),
    ("catch", &["catch_panic"]),
    ("contains_key", &["contains"]),
    ("delete", &["remove"]),
    ("drop", &["skip"]),
    ("each", &["for_each"]),
    ("entries", &["iterator"]),
    ("eprintln", &["eprint"]),
    ("erase", &["remove"]),
    ("exists", &["any", "contains"]),
    ("extend_from", &["extend"]),
    ("filter_map", &["flat_map"]),
    ("find_index", &["index_of", "position"]),
    ("get_or_default", &["get_or"]),
    ("has", &["contains"]),
    ("has_key", &["contains"]),
    ("has_prefix", &["starts_with"]),
    ("has_suffix", &["ends_with"]),
    ("includes", &["contains"]),
    ("is_alphabetic", &["is_letter"]),
    ("is_numeric", &["is_number"]),
    ("is_present", &["is_some"]),
    ("is_space", &["is_whitespace"]),
    ("iter", &["iterator"]),
    ("len", &["length", "count"]),
    ("lower", &["to_lower"]),
    ("lowercase", &["to_lower"]),
    ("new", &["init"]),
    ("nil", &["None"]),
    ("null", &["None"]),
    ("or_else", &["unwrap_or_else"]),
    ("pop_back", &["pop"]),
    ("println", &["print"]),
    ("push_back", &["push"]),
    ("puts", &["print"]),
    ("reduce", &["fold"]),
    ("reversed", &["rev", "reverse"]),
    ("size", &["length", "count"]),
    ("sorted", &["sort"]),
    ("strip", &["trim"]),
    ("substring", &["slice", "get"]),
    ("to_list", &["collect"]),
    ("to_lower_case", &["to_lower"]),
    ("to_lowercase", &["to_lower"]),
    ("to_upper_case", &["to_upper"]),
    ("to_uppercase", &["to_upper"]),
    ("to_vec", &["collect"]),
    ("undefined", &["None"]),
    ("upper", &["to_upper"]),
    ("uppercase", &["to_upper"]),
];

/// What Plat may call what other languages call `name`, the likeliest first.
pub(super) fn of(name: &str) -> &'static [&'static str] {
    match SYNONYMS.binary_search_by(|(known, _)| (*known).cmp(name)) {
        Ok(position) => SYNONYMS[position].1,
        Err(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_in_order() {
        assert!(SYNONYMS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
