//! The sheet from which a clip is recorded.

use arclight::{
    overlay::{Estimate, Facts, RecordDraft},
    record::{Ffmpeg, Format},
    session::{Browse, Intent, Sheet},
};

use super::stage::{Stage, TEXT, opened, selected};

fn over(facts: Facts) -> Stage {
    let mut stage = Stage::new(facts);
    stage.scene().drafts.sheets.toggle(Sheet::Record);
    stage.rest();
    stage
}

#[test]
fn a_size_is_told_as_long_as_it_is_that_of_what_is_chosen() {
    let mut stage = over(selected(TEXT, 5));
    stage.scene().drafts.record.format = Format::Gif;
    stage.rest();
    assert_eq!(stage.click_button("how large?"), [Intent::EstimateClip]);
    let estimate = |bytes, stage: &mut Stage| {
        let scene = stage.scene();
        scene.facts.estimate = Some(Estimate {
            of: scene.drafts.record.clone(),
            session: scene.facts.session.clone(),
            bytes,
        });
        stage.rest();
    };
    estimate(None, &mut stage);
    stage.assert_sees(&["drawing a few frames"]);
    estimate(Some(12_340_000), &mut stage);
    stage.assert_sees(&["about 12.3 MB"]);
    stage.click_button("60");
    stage.rest();
    assert!(!stage.sees("about 12.3 MB"), "of other frames");
    stage.click_button("30");
    stage.rest();
    stage.assert_sees(&["about 12.3 MB"]);
    stage.scene().facts.session.token = Some(6);
    stage.rest();
    assert!(!stage.sees("about 12.3 MB"), "of another picture");
    assert!(!over(opened()).is_enabled("how large?"), "of nothing");
}

#[test]
fn an_ffmpeg_of_ones_own_is_named_with_what_it_is_told() {
    let mut stage = over(selected(TEXT, 5));
    assert!(!stage.sees("Program"));
    assert_eq!(stage.scene().drafts.record.ffmpeg(), None);
    stage.click_button("ffmpeg");
    stage.rest();
    stage.assert_sees(&["Program", "Output"]);
    assert!(!stage.sees("how large?") && !stage.sees("Quality"));
    let draft = &mut stage.scene().drafts.record;
    assert_eq!(draft.ffmpeg(), Some(Ffmpeg::new("ffmpeg")));
    draft.program = "/opt/ffmpeg".into();
    draft.arguments = " -c:v  prores_ks ".into();
    let wanted = Ffmpeg {
        arguments: Some(vec!["-c:v".into(), "prores_ks".into()]),
        ..Ffmpeg::new("/opt/ffmpeg")
    };
    assert_eq!(draft.ffmpeg(), Some(wanted));
    let asked = stage.click_button("Record …");
    assert_eq!(asked, [Intent::Browse(Browse::Clip(None))]);
}

#[test]
fn any_other_format_is_written_here() {
    let mut stage = over(selected(TEXT, 5));
    stage.scene().drafts.record = RecordDraft {
        own: true,
        ..RecordDraft::default()
    };
    stage.rest();
    stage.click_button("APNG");
    let asked = stage.click_button("Record …");
    assert_eq!(asked, [Intent::Browse(Browse::Clip(Some(Format::Apng)))]);
}
