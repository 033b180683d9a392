//! H.264 by the OpenH264 that is compiled in, in an MP4 that plays while it loads.

mod boxes;
mod mux;

use std::io::{Seek, Write};

use openh264::{
    OpenH264API,
    encoder::{
        BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod,
        Profile, QpRange, RateControlMode, UsageType, VuiConfig,
    },
    formats::YUVSlices,
};
use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImageMut, YuvRange, YuvStandardMatrix,
    rgba_to_yuv420,
};

use self::mux::Mux;
use super::{
    Frame, Quality, Settings,
    job::{Encode, Job, Trouble, time},
};

/// Seconds from one key frame to the next.
const KEY_SECONDS: u32 = 2;

/// One sample a frame; alpha is not looked at.
pub(super) struct Mp4<W> {
    mux: Mux<W>,
    encoder: Encoder,
    planes: Vec<u8>,
}

impl<W: Write + Seek> Mp4<W> {
    pub fn new(out: W, settings: &Settings) -> Result<Self, Trouble> {
        // The same quantisation in every frame: thin lines stay as clean in motion as they are at rest, and the size
        // follows from that.
        let qp = qp(settings.quality);
        let period = settings.fps * KEY_SECONDS;
        let config = EncoderConfig::new()
            .profile(Profile::Main)
            .vui(VuiConfig::bt709())
            .usage_type(UsageType::CameraVideoRealTime)
            // The mode that leaves the quantisation alone, never skips a frame, and does not warn of either.
            .rate_control_mode(RateControlMode::Bufferbased)
            .qp(QpRange::new(qp, qp))
            .bitrate(BitRate::from_bps(bit_rate(settings)))
            .max_frame_rate(FrameRate::from_hz(settings.fps as f32))
            .intra_frame_period(IntraFramePeriod::from_num_frames(period))
            // Its default drops frames that cost too much.
            .skip_frames(false)
            .scene_change_detect(false)
            .background_detection(false)
            .adaptive_quantization(false)
            // A fifth faster than the default; size and quality stay the same to a percent.
            .complexity(Complexity::Low)
            .num_threads(1);
        Ok(Self {
            mux: Mux::new(out, settings, period)?,
            encoder: Encoder::with_api_config(OpenH264API::from_source(), config)?,
            planes: Vec::new(),
        })
    }

    fn encode(&mut self, width: u32, height: u32) -> Result<(), Trouble> {
        let (w, h) = (width as usize, height as usize);
        let (y, colours) = self.planes.split_at(w * h);
        let (u, v) = colours.split_at(w * h / 4);
        let stream = self
            .encoder
            .encode(&YUVSlices::new((y, u, v), (w, h), (w, w / 2, w / 2)))?;
        let key = match stream.frame_type() {
            FrameType::IDR => true,
            FrameType::I | FrameType::P => false,
            other => return Err(Trouble::Encoder(format!("OpenH264 made a frame {other:?}"))),
        };
        let layers = (0..stream.num_layers()).filter_map(|at| stream.layer(at));
        let units: Vec<_> = layers
            .flat_map(|layer| {
                (0..layer.nal_count())
                    .filter_map(move |at| layer.nal_unit(at).map(<[u8]>::to_vec))
                    .collect::<Vec<_>>()
            })
            .collect();
        self.mux.sample(&units, key)
    }
}

impl<W: Write + Seek + Send> Encode<W> for Mp4<W> {
    fn frame(&mut self, frame: &Frame, job: &mut Job) -> Result<(), Trouble> {
        time(&mut job.times.convert, || convert(frame, &mut self.planes))?;
        time(&mut job.times.encode, || {
            self.encode(frame.width(), frame.height())
        })?;
        job.shared.one_encoded();
        Ok(())
    }

    fn finish(self: Box<Self>, job: &mut Job) -> Result<W, Trouble> {
        time(&mut job.times.encode, || self.mux.finish())
    }
}

fn qp(quality: Quality) -> u8 {
    match quality {
        Quality::Draft => 28,
        Quality::Good => 20,
        Quality::Best => 14,
    }
}

/// Only the level in the stream's header follows from it, for the quantisation is fixed.
fn bit_rate(settings: &Settings) -> u32 {
    let pixels = f64::from(settings.width) * f64::from(settings.height) * f64::from(settings.fps);
    (pixels * 0.15).clamp(1e6, 200e6) as u32
}

/// To BT.709 in limited range, one colour for each 2 × 2 pixels; the planes stand one after another.
fn convert(frame: &Frame, planes: &mut Vec<u8>) -> Result<(), Trouble> {
    let (width, height) = (frame.width(), frame.height());
    let pixels = width as usize * height as usize;
    planes.resize(pixels * 3 / 2, 0);
    let (y, colours) = planes.split_at_mut(pixels);
    let (u, v) = colours.split_at_mut(pixels / 4);
    let mut image = YuvPlanarImageMut {
        y_plane: BufferStoreMut::Borrowed(y),
        y_stride: width,
        u_plane: BufferStoreMut::Borrowed(u),
        u_stride: width / 2,
        v_plane: BufferStoreMut::Borrowed(v),
        v_stride: width / 2,
        width,
        height,
    };
    rgba_to_yuv420(
        &mut image,
        frame.pixels(),
        width * 4,
        YuvRange::Limited,
        YuvStandardMatrix::Bt709,
        YuvConversionMode::Balanced,
    )
    .map_err(|error| Trouble::Encoder(format!("{error:?}")))
}

impl From<openh264::Error> for Trouble {
    fn from(error: openh264::Error) -> Self {
        Self::Encoder(error.to_string())
    }
}
