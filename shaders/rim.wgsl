// How bright the selected token's plane is at a place on it, −1 … 1 both ways: faint, with a rim.
fn plane_light(at: vec2<f32>) -> f32 {
    let edge = max(abs(at.x), abs(at.y));
    return 0.009 + 0.09 * smoothstep(0.965, 0.995, edge);
}
