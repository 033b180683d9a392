//! The device has no memory left.

use std::process::Command;

use serde_json::Value;

use crate::support::device;

/// A driver on the CPU has the system's memory, of which the program gets 10 GB; all but 8 MiB of them are taken. Others are
/// not filled here, for the screen may need the same memory: `arclight bench --full-device` does.
#[test]
fn what_fails_without_memory_leaves_all_as_it_was() {
    if !device().gpu.is_software() {
        return;
    }
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 10000000; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_arclight"))
        .args([
            "bench",
            "--full-device",
            "8",
            "--shape",
            "4,8,64,64",
            "--json",
        ])
        .output()
        .expect("it starts");
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{notes}");
    let came: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let deeds = came["deeds"].as_array().expect("there are deeds");
    assert_eq!(deeds.len(), 5);
    for deed in deeds {
        assert_eq!(
            (&deed["lost"], &deed["after"]),
            (&Value::Null, &Value::Null),
            "{deed}"
        );
    }
    for (place, word) in [(0, "memory"), (1, "GPU memory"), (2, "GPU memory")] {
        let told = deeds[place]["told"]
            .as_str()
            .expect("it takes more than there is");
        assert!(told.contains(word), "{told}");
    }
}
