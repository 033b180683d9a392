//! The picture against images drawn before, on the software adapter. `UPDATE_GOLDEN=1` draws them anew.
//!
//! Compilers inside the driver differ from one processor to the next, so single pixels may differ; a
//! difference that can be seen may not.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::reference::demo;

/// A pixel differs when one of its channels does by more than this, of 255.
const CHANNEL: u8 = 24;
/// Part of the pixels that may differ.
const PIXELS: f64 = 0.002;

struct Image {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
}

fn read(path: &Path) -> Image {
    let file =
        std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file))
        .read_info()
        .expect("a PNG");
    let mut rgba = vec![0; reader.output_buffer_size().expect("small")];
    let info = reader.next_frame(&mut rgba).expect("a whole PNG");
    assert_eq!(info.color_type, png::ColorType::Rgba);
    Image {
        width: info.width as usize,
        height: info.height as usize,
        rgba,
    }
}

/// Part of the pixels that differ visibly.
fn difference(a: &Image, b: &Image) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height), "sizes differ");
    let differ = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > CHANNEL);
    let count = a
        .rgba
        .chunks(4)
        .zip(b.rgba.chunks(4))
        .filter(differ)
        .count();
    count as f64 / (a.width * a.height) as f64
}

fn render(arguments: &[&str], to: &Path) {
    render_with(&[], arguments, to);
}

fn render_with(environment: &[(&str, &Path)], arguments: &[&str], to: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_arclight"))
        .env("WGPU_ADAPTER_NAME", "llvmpipe")
        .envs(environment.iter().copied())
        .args(["render"])
        .args(arguments)
        .args(["--size", "640x360", "-o"])
        .arg(to)
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
        .with_extension("png")
}

fn looks_as_before(name: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = folder.path().join("drawn.png");
    render(arguments, &drawn);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::copy(&drawn, golden(name)).expect("the golden image can be written");
    }
    let part = difference(&read(&drawn), &read(&golden(name)));
    if part > PIXELS {
        let kept = std::env::temp_dir().join(format!("arclight-{name}.png"));
        std::fs::copy(&drawn, &kept).expect("the picture can be kept");
        panic!(
            "{:.2} % of the pixels differ from {name}; see {}",
            part * 100.0,
            kept.display()
        );
    }
}

fn repeated_tokens() -> String {
    let passage = demo::random_tokens(5, 24, 8192);
    passage
        .iter()
        .chain(&passage)
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// A second-copy token; what follows its first occurrence is 23 tokens before it.
const READER: &str = "34";

#[test]
fn an_induction_head_draws_its_arc_to_the_token_after_the_first_occurrence() {
    let ids = repeated_tokens();
    let head = [
        "--measure",
        "share",
        "--layer",
        "7",
        "--head",
        "1",
        "--no-overlay",
    ];
    looks_as_before(
        "induction",
        &[&["demo-v7", "--ids", &ids, "--select", READER], &head[..]].concat(),
    );
}

#[test]
fn with_nothing_selected_cells_show_contribution_norms() {
    looks_as_before(
        "idle",
        &[
            "demo-v6",
            "--prompt",
            "The old king said to his son, the young king",
            "--no-overlay",
        ],
    );
}

#[test]
fn a_selection_lights_up_every_head_under_the_panels() {
    looks_as_before(
        "selection",
        &[
            "demo-v6",
            "--prompt",
            "Tom gave Ann a book. Ann gave Tom a",
            "--select",
            "5",
        ],
    );
}

const FAIRY_TALE: &str = "Tom gave Ann a book. Ann gave Tom a";

#[test]
fn another_text_is_drawn_beside() {
    let other = "Tom gave Ann a book. Ann gave Kim a";
    for view in ["side-by-side", "stacked", "difference"] {
        let arguments = ["demo-v7", "--prompt", FAIRY_TALE, "--select", "-1"];
        let beside = ["--compare-text", other, "--compare-view", view];
        looks_as_before(
            &format!("compare-{view}"),
            &[&arguments[..], &beside, &["--no-overlay"]].concat(),
        );
    }
}

#[test]
fn every_layout_is_drawn() {
    for layout in ["rings", "grid"] {
        let arguments = ["demo-v6", "--prompt", FAIRY_TALE, "--select", "5"];
        looks_as_before(
            layout,
            &[&arguments[..], &["--layout", layout, "--no-overlay"]].concat(),
        );
    }
}

#[test]
fn every_palette_is_drawn_on_both_grounds() {
    for (palette, theme) in [
        ("blue-orange", "light"),
        ("blue-yellow", "dark"),
        ("blue-yellow", "light"),
        ("purple-green", "dark"),
        ("purple-green", "light"),
        ("green-red", "dark"),
        ("green-red", "light"),
    ] {
        let name = format!("{palette}-{theme}");
        let arguments = [
            "demo-v7",
            "--prompt",
            FAIRY_TALE,
            "--select",
            "5",
            "--no-overlay",
        ];
        let colours = [
            "--palette",
            palette,
            "--theme",
            theme,
            "--layer",
            "7",
            "--head",
            "1",
        ];
        looks_as_before(&name, &[&arguments[..], &colours].concat());
    }
}

/// A session's file holds all that shows: what it draws is what the flags draw.
#[test]
fn a_session_draws_what_its_choices_draw() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("some.toml");
    let text = format!(
        "version = 1\n[session]\nmodel = \"demo-v6\"\nprompt = \"{FAIRY_TALE}\"\ntoken = 5\n\
         heads = [\"L3 H2\"]\nmeasure = \"share\"\nlayout = \"grid\"\ntheme = \"light\"\nbare = true\n\
         filter = {{ mass = 0.5 }}\n"
    );
    std::fs::write(&file, text).expect("written");
    let [a, b] = ["a.png", "b.png"].map(|name| folder.path().join(name));
    render(&["--session", file.to_str().expect("plain")], &a);
    let flags = [
        "demo-v6",
        "--prompt",
        FAIRY_TALE,
        "--select",
        "5",
        "--layer",
        "3",
        "--head",
        "2",
        "--measure",
        "share",
        "--layout",
        "grid",
        "--theme",
        "light",
        "--no-overlay",
        "--mass",
        "0.5",
    ];
    render(&flags, &b);
    let [a, b] = [a, b].map(|path| std::fs::read(path).expect("drawn"));
    assert!(a == b, "the pictures differ");
}

#[test]
fn the_same_picture_twice_is_the_same_to_the_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b] = ["a.png", "b.png"].map(|name| folder.path().join(name));
    for path in [&a, &b] {
        render(
            &[
                "demo-v6",
                "--prompt",
                "The same again, and again the same.",
                "--select",
                "4",
            ],
            path,
        );
    }
    assert!(
        std::fs::read(a).expect("drawn") == std::fs::read(b).expect("drawn"),
        "two runs differ"
    );
}

#[test]
fn the_text_is_drawn_as_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("drawn.png");
    let mut seen: Vec<Image> = Vec::new();
    for options in [
        &[][..],
        &["--text", "whitespace"],
        &["--text", "surprise,words"],
    ] {
        let prompt = ["demo-v6", "--prompt", "A small grey cat named Marlowe"];
        render(&[&prompt[..], options].concat(), &file);
        let picture = read(&file);
        for other in &seen {
            assert!(
                difference(&picture, other) > 0.0,
                "{options:?} changes nothing"
            );
        }
        seen.push(picture);
    }
}

/// The picture waits for a face of the system, and is drawn without one where there is none.
#[cfg(target_os = "linux")]
#[test]
fn a_prompt_in_chinese_is_drawn_with_a_face_of_the_system() {
    if !crate::panels::faces::has_chinese() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b, boxes, none, config] =
        ["a.png", "b.png", "boxes.png", "none", "fonts.conf"].map(|name| folder.path().join(name));
    let prompt = ["demo-v7", "--prompt", "春眠不觉晓"];
    render(&prompt, &a);
    render(&prompt, &b);
    let bytes = |path| std::fs::read(path).expect("drawn");
    assert!(bytes(&a) == bytes(&b), "two runs differ");

    std::fs::create_dir(&none).expect("the folder is new");
    let dir = format!("<fontconfig><dir>{}</dir></fontconfig>", none.display());
    std::fs::write(&config, dir).expect("it is written");
    render_with(&[("FONTCONFIG_FILE", &config)], &prompt, &boxes);
    assert!(difference(&read(&a), &read(&boxes)) > 0.0, "still boxes");
}

#[test]
fn a_spoilt_picture_is_noticed() {
    let whole = read(&golden("induction"));
    let mut spoilt = read(&golden("induction"));
    assert!(difference(&whole, &spoilt) == 0.0);
    // A patch of 24 × 24 pixels, a little brighter than it was.
    for y in 100..124 {
        for x in 300..324 {
            let at = (y * spoilt.width + x) * 4;
            spoilt.rgba[at] = spoilt.rgba[at].wrapping_add(CHANNEL + 40);
        }
    }
    assert!(difference(&whole, &spoilt) > PIXELS);
    let other = read(&golden("idle"));
    assert!(difference(&whole, &other) > 10.0 * PIXELS);
}

/// What came before is the first token.
#[test]
fn a_window_begins_with_what_came_before() {
    let ids = repeated_tokens();
    let window = [
        "demo-v7", "--ids", &ids, "--window", "24:", "--select", "11",
    ];
    let rest = ["--measure", "share", "--absolute"];
    looks_as_before("v7-window", &[&window[..], &rest].concat());
}
