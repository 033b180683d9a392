use arclight::record::Frame;

const GROUND: [f32; 3] = [10.0, 13.0, 19.0];
const ORANGE: [f32; 3] = [255.0, 150.0, 50.0];
const BLUE: [f32; 3] = [70.0, 150.0, 255.0];

/// Frame `at` of something like what is drawn: thin bright lines that turn on a dark ground, a glow, and letters.
pub fn scene(width: u32, height: u32, at: u32) -> Frame {
    let mut pixels = Vec::with_capacity((width * height * 4) as usize);
    for y in 0..height {
        for x in 0..width {
            let colour = colour(x as f32, y as f32, width as f32, height as f32, at as f32);
            pixels.extend(colour.map(|channel| channel.clamp(0.0, 255.0) as u8));
            pixels.push(255);
        }
    }
    Frame::new(width, height, pixels).expect("as many bytes as pixels")
}

fn colour(x: f32, y: f32, width: f32, height: f32, at: f32) -> [f32; 3] {
    let mut colour = GROUND;
    let mut add = |light: [f32; 3], amount: f32| {
        for (channel, light) in colour.iter_mut().zip(light) {
            *channel += light * amount;
        }
    };
    let (dx, dy) = (x - width / 2.0, y - height / 2.0);
    for line in 0..6 {
        let turn = at * 0.05 + line as f32 * 0.6;
        // Distance from a line through a point near the middle, one pixel and a half wide.
        let distance = (dx * turn.sin() - dy * turn.cos() + line as f32 * 3.0).abs();
        let light = if line % 2 == 0 { ORANGE } else { BLUE };
        add(light, (1.5 - distance).clamp(0.0, 1.0) * 0.8);
    }
    let glow = (dx * dx + dy * dy).sqrt() / height;
    add(BLUE, (0.25 - glow * 0.4).max(0.0));
    // Upright strokes, as letters have.
    let letters = (6.0..60.0).contains(&x) && (6.0..14.0).contains(&y);
    if letters && (x as u32 * 7 + 3) % 11 < 4 {
        colour = [230.0, 232.0, 238.0];
    }
    colour
}
