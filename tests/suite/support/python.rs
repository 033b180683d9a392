use std::process::Command;

/// A Python with these packages: `ARCLIGHT_PYTHON`, or python3. Only outside of CI may it be missing.
pub fn python(packages: &str) -> Option<String> {
    let python = std::env::var("ARCLIGHT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = format!("import {packages}");
    let imported = Command::new(&python).args(["-c", &import]).output();
    if imported.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let complaint = format!("{python} cannot import {packages}");
    assert!(std::env::var_os("CI").is_none(), "{complaint}");
    println!("skipped: {complaint}");
    None
}
