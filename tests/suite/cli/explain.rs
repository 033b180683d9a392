//! What a next token is made of.

use super::{complains, prints, prints_json};

const TEXT: &str = "The captain was called Jonas Wickfield. Nobody liked Jonas";

fn explain<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["explain", "demo-v7", "--prompt", TEXT];
    all.extend(more);
    all
}

#[test]
fn the_arcs_to_the_surname_push_it() {
    let came = prints_json(explain(&["--json", "--top", "20"]));
    assert_eq!(
        (&came["token"], &came["target"]["text"]),
        (&16.into(), &" W".into())
    );
    let arcs = came["arcs"].as_array().expect("a list");
    assert_eq!(arcs.len(), 20);
    let size = |arc: &serde_json::Value| arc["adds"].as_f64().expect("a number").abs();
    assert!(arcs.is_sorted_by(|a, b| size(a) >= size(b)));
    // The two largest are those of the induction heads, from the surname.
    let named = |at: usize, key: &str| arcs[at][key].as_u64().expect("a number");
    let two: Vec<_> = (0..2)
        .map(|at| (named(at, "layer"), named(at, "writer")))
        .collect();
    assert_eq!(two, [(7, 7), (7, 7)]);
    let heads = came["heads"].as_array().expect("a list");
    assert_eq!(heads.len(), 64);
    let lens = came["lens"].as_array().expect("a list");
    assert_eq!((lens.len(), &lens[0]["after"]), (17, &"embedding".into()));
    assert_eq!(lens[16]["text"], " W");
    assert!(lens[16]["kl"].as_f64().expect("a number") < 1e-3);
}

#[test]
fn it_is_said_in_words() {
    let said = prints(explain(&["--target", "117", "--select", "3", "--top", "2"]));
    assert!(
        said.starts_with("after ␣called (token 3), the logit of t (117): heads add "),
        "{said}"
    );
    assert!(
        said.contains("arcs that add most") && said.contains("L7 channel"),
        "{said}"
    );
}

#[test]
fn what_is_out_of_range_is_said() {
    let said = complains(explain(&["--select", "17"]));
    assert!(
        said.contains("--select 17") && said.contains("tokens 0 to 16"),
        "{said}"
    );
    let said = complains(explain(&["--target", "8192"]));
    assert!(
        said.contains("8192") && said.contains("ids 0 to 8191"),
        "{said}"
    );
}
