//! Interventions on the command line.

use super::{complains, exits, prints, prints_json};

const TEXT: &str = "The small grey cat saw the small grey dog.";

#[test]
fn a_prediction_is_told_without_and_with() {
    let plain = prints_json(["predict", "demo-v7", "--prompt", TEXT, "--json"]);
    assert!(plain.get("changes").is_none() && plain["positions"][0].get("changed").is_none());
    let changed = prints_json([
        "predict",
        "demo-v7",
        "--prompt",
        TEXT,
        "--ablate",
        "L7H1,L7H2",
        "--scale",
        "l6=0.5",
        "--ablate-to-mean",
        "L5H0",
        "--knockout",
        "1@L3",
        "--cut",
        "3:1@L7H1",
        "--no-forgetting=L2H3",
        "--no-erasing",
        "--json",
    ]);
    assert_eq!(
        changed["changes"],
        serde_json::json!([
            "ablate L7H1",
            "ablate L7H2",
            "scale L6=0.5",
            "ablate L5H0 to its mean",
            "knockout 1@L3",
            "cut 3:1@L7H1",
            "no forgetting in L2H3",
            "no erasing in all"
        ])
    );
    let positions = changed["positions"].as_array().expect("a list");
    let before = plain["positions"].as_array().expect("a list");
    assert_eq!(positions.len(), before.len());
    let before_of_next = |at: usize| before[at + 1]["surprise"].as_f64().expect("a number");
    let (mut sums, mut kl, mut count) = ([0.0; 2], 0.0, 0.0);
    for (at, (position, before)) in positions.iter().zip(before).enumerate() {
        assert_eq!(position["id"], before["id"]);
        assert_eq!(position["top"][0]["id"], before["top"][0]["id"]);
        let changed = &position["changed"];
        assert_eq!(changed["top"].as_array().expect("a list").len(), 5);
        if at + 1 == positions.len() {
            assert!(changed["came"].is_null());
            continue;
        }
        let surprise = |place: usize| {
            changed["came"][place]["surprise"]
                .as_f64()
                .expect("a number")
        };
        let next = before_of_next(at);
        assert!((surprise(0) - next).abs() < 1e-3, "{at}");
        sums = [sums[0] + surprise(0), sums[1] + surprise(1)];
        kl += changed["kl"].as_f64().expect("a number");
        count += 1.0;
    }
    let mean = &changed["mean"];
    assert_eq!(mean["tokens"], positions.len() - 1);
    for (place, sum) in sums.iter().enumerate() {
        let own = mean["surprise"][place].as_f64().expect("a number");
        assert!((own - sum / count).abs() < 1e-9);
    }
    assert!((mean["kl"].as_f64().expect("a number") - kl / count).abs() < 1e-9);
    assert!(kl > 0.01, "nothing was changed: {kl}");
}

#[test]
fn people_read_a_table() {
    let said = prints([
        "predict", "demo-v6", "--prompt", TEXT, "--ablate", "L6", "--top", "2",
    ]);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "changed: ablate L6");
    assert!(lines[1].starts_with("mean surprise of "), "{said}");
    assert!(lines[3].starts_with("token"), "{said}");
    // Two lines a token.
    assert!(
        lines[5].starts_with("The") && lines[6].starts_with("  "),
        "{said}"
    );
}

#[test]
fn what_is_no_change_is_said() {
    let ask = |option, value| ["predict", "demo-v6", "--ids", "1,2,3", option, value];
    for (option, value, cure) in [
        ("--ablate", "7H1", "write a head as L7H1"),
        ("--scale", "L1H1=much", "as L7H1=0.5"),
        ("--knockout", "x@L3", "as 12@L3H2"),
        ("--cut", "2@L3H1", "as 40:12@L7H1"),
        ("--cut", "1:2@L3H1", "token 1 comes before token 2"),
    ] {
        let said = exits(2, ask(option, value)).stderr;
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains(cure), "{said}");
    }
    let line = complains(ask("--ablate", "L9H0"));
    assert!(
        line.contains("demo-v6 has layers 0 to 7 of heads 0 to 7"),
        "{line}"
    );
    let line = complains(ask("--knockout", "3"));
    assert!(line.contains("the text's last token is 2"), "{line}");
    let line = complains(ask("--cut", "3:0@L1H1"));
    assert!(line.contains("the text's last token is 2"), "{line}");
    let line = complains(["predict", "demo-v6", "--ids", "1,2,3", "--no-erasing"]);
    assert!(line.contains("only RWKV-7 erases"), "{line}");
    let line = complains([
        "predict",
        "demo-v6",
        "--ids",
        "1,2,3,4",
        "--window",
        "2:",
        "--knockout",
        "0",
    ]);
    assert!(line.contains("stands for what came before"), "{line}");
}
