//! A checkpoint as PyTorch writes it: a zip with a pickle of the names and shapes, and a file a storage.

use std::{io::Write, path::Path};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::checkpoint::Tensor;

/// Writes tensors in half floats under `names` of their own.
pub fn write_pth(tensors: &[Tensor], name: impl Fn(&str) -> String, path: &Path) {
    let file = std::fs::File::create(path).expect("the file is made");
    let mut zip = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut add = |entry: &str, bytes: &[u8]| {
        let entry = format!("archive/{entry}");
        zip.start_file(entry, options).expect("an entry begins");
        zip.write_all(bytes).expect("it is written");
    };
    add("data.pkl", &pickle(tensors, name));
    add("byteorder", b"little");
    for (key, tensor) in tensors.iter().enumerate() {
        add(&format!("data/{key}"), bytemuck::cast_slice(&tensor.values));
    }
    add("version", b"3\n");
    zip.finish().expect("it is whole");
}

/// Protocol 2: a dict from name to `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`.
fn pickle(tensors: &[Tensor], name: impl Fn(&str) -> String) -> Vec<u8> {
    let mut out = b"\x80\x02}(".to_vec();
    for (key, tensor) in tensors.iter().enumerate() {
        text(&mut out, &name(&tensor.name));
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n(");
        out.push(b'(');
        text(&mut out, "storage");
        out.extend(b"ctorch\nHalfStorage\n");
        text(&mut out, &key.to_string());
        text(&mut out, "cpu");
        int(&mut out, tensor.values.len());
        out.extend(b"tQ");
        int(&mut out, 0);
        tuple(&mut out, &tensor.shape);
        let strides = (0..tensor.shape.len()).map(|dim| tensor.shape[dim + 1..].iter().product());
        tuple(&mut out, &strides.collect::<Vec<_>>());
        out.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend(b"u.");
    out
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'X');
    out.extend((text.len() as u32).to_le_bytes());
    out.extend(text.as_bytes());
}

fn int(out: &mut Vec<u8>, number: usize) {
    out.push(b'J');
    out.extend((number as u32).to_le_bytes());
}

fn tuple(out: &mut Vec<u8>, numbers: &[usize]) {
    out.push(b'(');
    for &number in numbers {
        int(out, number);
    }
    out.push(b't');
}
