//! Pixels of a texture on their way back: rows are padded there.

use super::Gpu;

/// Records the copy of a whole RGBA texture, 4 bytes a pixel, to a new staging buffer; its rows are padded.
#[must_use]
pub fn copy_texture(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    texture: &wgpu::Texture,
) -> wgpu::Buffer {
    let size = texture.size();
    let row = padded(size.width);
    let staging = gpu.device().create_buffer(&wgpu::BufferDescriptor {
        label: Some("pixels"),
        size: u64::from(row) * u64::from(size.height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &staging,
            layout: wgpu::TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some(row),
                rows_per_image: None,
            },
        },
        size,
    );
    staging
}

/// What came back of a texture so wide, without the padding.
#[must_use]
pub fn without_padding(bytes: Vec<u8>, width: u32) -> Vec<u8> {
    let (row, padded) = (width as usize * 4, padded(width) as usize);
    if row == padded {
        return bytes;
    }
    let rows = bytes.chunks_exact(padded);
    rows.flat_map(|line| &line[..row]).copied().collect()
}

fn padded(width: u32) -> u32 {
    (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_padding_goes() {
        let line = |at: u8| [vec![at; 12], vec![99; 244]].concat();
        let bytes = [line(1), line(2)].concat();
        assert_eq!(without_padding(bytes, 3), [[1; 12], [2; 12]].concat());
        let whole = vec![7; 512];
        assert_eq!(without_padding(whole.clone(), 64), whole);
    }
}
