use std::io::Cursor;

use super::{
    Format, Frame, RecordError, Settings, Times,
    job::{Job, Shared, Trouble},
    picture::encode_png,
    sink::encoder,
};

/// How many bytes a clip will have, from its first few frames: two and more, for what follows a frame costs less than
/// the first.
///
/// # Errors
/// When there can be no such clip, or no frame is given.
pub fn estimate(format: Format, settings: &Settings, first: &[Frame]) -> Result<u64, RecordError> {
    settings.check(format)?;
    let [start, ..] = first else {
        return Err(RecordError::NoFrames);
    };
    first
        .iter()
        .try_for_each(|frame| settings.check_frame(frame))?;
    let size = |frames: &[Frame]| {
        size(format, settings, frames).map_err(|trouble| trouble.of("the estimate".as_ref()))
    };
    let given = first.len() as u64;
    let frames = u64::from(settings.frames);
    let all = size(first)?;
    if format == Format::Pngs || given == 1 {
        return Ok(all * frames / given);
    }
    let start = size(std::slice::from_ref(start))?;
    let next = all.saturating_sub(start) as f64 / (given - 1) as f64;
    // An MP4 has a whole frame every two seconds.
    let whole = match format {
        Format::Mp4 => frames.div_ceil(u64::from(settings.fps) * 2),
        _ => 1,
    };
    Ok(start * whole + (next * (frames - whole) as f64) as u64)
}

fn size(format: Format, settings: &Settings, frames: &[Frame]) -> Result<u64, Trouble> {
    if format == Format::Pngs {
        let mut bytes = Vec::new();
        for frame in frames {
            encode_png(&mut bytes, frame)?;
        }
        return Ok(bytes.len() as u64);
    }
    let settings = Settings {
        frames: frames.len() as u32,
        poster: None,
        ..settings.clone()
    };
    let shared = Shared::default();
    let mut job = Job {
        shared: &shared,
        times: Times::default(),
    };
    let spool = tempfile::tempfile()?;
    let mut encoder = encoder(format, Cursor::new(Vec::new()), &settings, || Ok(spool))?;
    for frame in frames {
        encoder.frame(frame, &mut job)?;
    }
    Ok(encoder.finish(&mut job)?.into_inner().len() as u64)
}
