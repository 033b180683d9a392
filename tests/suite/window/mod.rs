//! The window from end to end: a display without a screen, the program as it is shipped, a pointer and keys.

mod faults;
mod program;
mod screen;
mod view;
mod wait;

use std::sync::{Mutex, MutexGuard, PoisonError};

use arclight::session::Intent;
use program::Program;
use screen::Screen;

/// Two windows drawn by one CPU are slower than one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number that a text begins with.
fn number(text: &str) -> usize {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number: {text:?}"))
}

fn quit(screen: &Screen, program: Program) {
    screen.key("ctrl+q");
    let status = program.end();
    assert!(status.success(), "it ended with {status}");
}

#[test]
fn words_cells_and_keys_select_and_the_picture_follows() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let mut program = Program::start(&screen, &["demo-v6"]);
    program.hear("loaded demo-v6");
    let tokens = number(&program.hear("ran "));
    assert!(
        tokens > 100,
        "the text is long enough for this test: {tokens}"
    );

    // Cells are where the camera should see them, and light up under the pointer.
    let cells = view::cells(tokens);
    for (cell, x, y) in &cells {
        screen.point(*x, *y);
        program.hear(&format!("pointing at {:?}", Some(cell)));
        program.until(
            || {
                let colour = screen.picture().at(*x as usize, *y as usize);
                colour.iter().all(|channel| *channel > 140).then_some(())
            },
            &format!("no light at {cell:?}, {x}, {y}"),
        );
    }

    // A word of the text.
    let before = screen.picture();
    screen.point(100, 434);
    let pointed = number(&program.hear("pointing at token Some("));
    screen.click();
    let word = number(&program.hear("SelectToken(Some("));
    assert_eq!(word, pointed, "of {tokens}");
    program.hear(&format!("token {word} scored"));
    let changed = || screen.picture().changed(&before);
    program.until(
        || (changed() > 50_000).then_some(()),
        "too much of the picture is as it was before the selection",
    );

    // A cell: first its token, then its head alone; its scores come with neither pointer nor key moved.
    let (cell, x, y) = cells[0];
    screen.point(x, y);
    program.hear(&format!("pointing at {:?}", Some(cell)));
    program.hear("scores [");
    screen.click();
    program.hear(&format!("SelectToken(Some({}))", cell.token));
    program.hear(&format!("token {} scored", cell.token));
    program.hear(&format!("of {cell:?}"));
    screen.click();
    program.hear(&format!("{:?}", Intent::Heads(cell.head.into())));
    program.hear(&format!("token {} scored", cell.token));

    // Keys. The cell under the pointer is scored anew with each token.
    for (key, intent, token) in [
        ("Right", "StepToken(1)", cell.token + 1),
        ("Left", "StepToken(-1)", cell.token),
    ] {
        screen.key(key);
        program.hear(intent);
        program.hear(&format!("token {token} scored"));
        program.hear(&format!("of {cell:?}"));
    }
    // An arc found by key is pointed at though the pointer rests elsewhere, until Esc.
    screen.key("apostrophe");
    program.hear("StepArc(1)");
    program.hear("pointing at Some(");
    screen.key("Escape");
    program.hear("Back");
    program.hear("pointing at None");
    program.hear(&format!("pointing at {:?}", Some(cell)));
    for _ in 0..2 {
        screen.key("Escape");
        program.hear("Back");
    }

    // The wheel goes towards the cell under the pointer, which stays there.
    let shifted = [
        "keydown", "ctrl", "keydown", "shift", "key", "3", "keyup", "shift", "keyup", "ctrl",
    ];
    screen.xdotool(&shifted);
    program.hear("StoreBookmark(3");
    let (cell, x, y) = cells[1];
    let before = screen.picture();
    screen.point(x, y);
    program.hear(&format!("pointing at {:?}", Some(cell)));
    screen.xdotool(&["click", "--repeat", "5", "4"]);
    let changed = || screen.picture().changed(&before);
    program.until(
        || (changed() > 50_000).then_some(()),
        "the wheel brings nothing nearer",
    );
    screen.point(x, y - 100);
    program.hear("pointing at ");
    screen.point(x, y);
    program.hear(&format!("pointing at {:?}", Some(cell)));

    // In flight letters are no keys of the table and Esc ends it.
    screen.key("shift+f");
    program.hear("ToggleFlight");
    screen.key("w");
    screen.key("Escape");
    program.hear("ToggleFlight");
    // And the bookmark leads back to where cells were seen at first.
    screen.key("ctrl+3");
    program.hear("GoToBookmark(3)");
    let (cell, x, y) = cells[2];
    screen.point(x, y);
    program.hear(&format!("pointing at {:?}", Some(cell)));
    quit(&screen, program);
}

#[test]
fn a_model_that_cannot_be_opened_leaves_a_window_to_open_another_in() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let mut program = Program::start(&screen, &["no/such/model.st"]);
    let reason = program.hear("failed: ");
    assert!(reason.contains("no/such/model.st"), "{reason}");

    // The model field.
    screen.point(110, 52);
    screen.click();
    screen.key("End");
    let delete = ["key", "--repeat", "30", "BackSpace"];
    screen.xdotool(&delete);
    screen.xdotool(&["type", "demo-v7"]);
    screen.key("Return");
    program.hear("Open(\"demo-v7\")");
    program.hear("loaded demo-v7");
    // It reads the text that is there.
    program.hear("ran ");

    // Held, as a hand does: the key and its modifier may else come and go within one slow frame.
    screen.xdotool(&["keydown", "ctrl"]);
    screen.key("Return");
    program.hear("Run");
    program.hear("ran ");
    screen.xdotool(&["keyup", "ctrl"]);
    quit(&screen, program);
}

#[test]
fn a_session_is_saved_remembered_and_gone_on_with() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let mut program = Program::start(&screen, &["demo-v6", "--prompt", "A cat sat. A cat slept."]);
    let tokens = number(&program.hear("ran "));
    screen.key("Right");
    program.hear("token 0 scored");

    // The dialog suggests a name, and has the keyboard: the arrow moves its cursor alone.
    screen.key("ctrl+s");
    program.hear("Browse(SaveSession)");
    program.until(
        || (screen.picture().at(640, 120) != [0; 3]).then_some(()),
        "no dialog",
    );
    std::thread::sleep(std::time::Duration::from_secs(1));
    screen.key("Right");
    screen.key("Return");
    let saved = program.hear("saved ");
    assert!(saved.ends_with("demo-v6.toml"), "{saved}");

    screen.key("alt+l");
    program.hear("Remember(true)");
    screen.key("ctrl+q");
    let (status, folder) = program.leave();
    assert!(status.success(), "it ended with {status}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    let session = read("demo-v6.toml");
    assert!(session.contains("token = 0"), "{session}");
    let memory = read("config/arclight/memory.toml");
    assert!(memory.contains("demo-v6.toml"), "{memory}");

    // With nothing named it goes on, and what is on the clipboard can be read.
    let mut program = Program::start_in(folder, &screen, &[]);
    assert_eq!(number(&program.hear("ran ")), tokens);
    program.hear("token 0 scored");
    screen.point(100, 201);
    screen.click();
    // Held, as above.
    screen.xdotool(&["keydown", "ctrl"]);
    for key in ["a", "c"] {
        screen.key(key);
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    screen.xdotool(&["keyup", "ctrl"]);
    screen.point(640, 650);
    screen.click();
    screen.key("ctrl+v");
    program.hear("Paste");
    program.hear("Prompt(\"A cat sat. A cat slept.\")");
    assert_eq!(number(&program.hear("ran ")), tokens);
    quit(&screen, program);
}

#[test]
fn a_text_is_written_on() {
    let _alone = alone();
    let Some(screen) = Screen::start() else {
        return;
    };
    let mut program = Program::start(&screen, &["demo-v7", "--prompt", "A cat sat. A cat"]);
    let tokens = number(&program.hear("ran "));
    screen.key("period");
    program.hear("Write(Step)");
    assert_eq!(number(&program.hear("paused after ")), tokens + 1);
    program.hear(&format!("token {tokens} scored"));
    screen.key("comma");
    program.hear("Write(Back)");
    let before = screen.picture();
    screen.key("Return");
    program.hear("Write(Toggle)");
    // Tokens are scored as they come. Where the next is there before the last one's colours are, these are left out.
    for _ in 0..3 {
        program.hear(" scored");
    }
    screen.key("Return");
    program.hear("Write(Toggle)");
    assert!(number(&program.hear("paused after ")) >= tokens + 3);
    let changed = || screen.picture().changed(&before);
    program.until(
        || (changed() > 50_000).then_some(()),
        "the picture is as it was",
    );
    quit(&screen, program);
}
