use openh264::{
    OpenH264API,
    encoder::{
        BitRate, Complexity, Encoder, EncoderConfig, FrameRate, FrameType, Profile, QpRange,
        RateControlMode, UsageType, VuiConfig,
    },
    formats::YUVSlices,
};

use crate::record::{Quality, Settings, job::Trouble};

/// What every encoder of a clip is told.
#[derive(Clone, Copy)]
pub(super) struct Setup {
    config: EncoderConfig,
    width: usize,
    height: usize,
}

impl Setup {
    pub fn of(settings: &Settings) -> Self {
        // The same quantisation in every frame: thin lines stay as clean in motion as they are at rest, and the size
        // follows from that.
        let qp = qp(settings.quality);
        let config = EncoderConfig::new()
            .profile(Profile::Main)
            .vui(VuiConfig::bt709())
            .usage_type(UsageType::CameraVideoRealTime)
            // The mode that leaves the quantisation alone, never skips a frame, and does not warn of either.
            .rate_control_mode(RateControlMode::Bufferbased)
            .qp(QpRange::new(qp, qp))
            .bitrate(BitRate::from_bps(bit_rate(settings)))
            .max_frame_rate(FrameRate::from_hz(settings.fps as f32))
            // Its default drops frames that cost too much.
            .skip_frames(false)
            .scene_change_detect(false)
            .background_detection(false)
            .adaptive_quantization(false)
            // A fifth faster than the default; size and quality stay the same to a percent.
            .complexity(Complexity::Low)
            .num_threads(1);
        Self {
            config,
            width: settings.width as usize,
            height: settings.height as usize,
        }
    }
}

/// One frame as it stands in the file.
pub(super) struct Sample {
    /// The NAL units, each with its start code.
    pub units: Vec<Vec<u8>>,
    pub key: bool,
}

/// Encodes one group of pictures: its first frame is its only key frame.
pub(super) struct GroupEncoder {
    encoder: Encoder,
    setup: Setup,
}

impl GroupEncoder {
    pub fn new(setup: Setup) -> Result<Self, Trouble> {
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), setup.config)?;
        Ok(Self { encoder, setup })
    }

    /// `planes` are Y, U and V one after another.
    pub fn encode(&mut self, planes: &[u8]) -> Result<Sample, Trouble> {
        let (w, h) = (self.setup.width, self.setup.height);
        let (y, colours) = planes.split_at(w * h);
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
        let units = layers
            .flat_map(|layer| {
                (0..layer.nal_count())
                    .filter_map(move |at| layer.nal_unit(at).map(<[u8]>::to_vec))
                    .collect::<Vec<_>>()
            })
            .collect();
        Ok(Sample { units, key })
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

impl From<openh264::Error> for Trouble {
    fn from(error: openh264::Error) -> Self {
        Self::Encoder(error.to_string())
    }
}
