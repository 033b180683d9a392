//! Tensors as PyTorch saves them.

use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::tiny::Tensor;

/// The file that `torch.save` writes of a dictionary of tensors, each with a storage of its own.
pub(super) fn pth(tensors: &[Tensor]) -> Vec<u8> {
    let mut pickle = vec![0x80, 2, b'}', b'('];
    for (number, tensor) in tensors.iter().enumerate() {
        let (size, storage) = match tensor.dtype {
            "F32" => (4, "FloatStorage"),
            "BF16" => (2, "BFloat16Storage"),
            _ => (2, "HalfStorage"),
        };
        text(&mut pickle, &tensor.name);
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut pickle, "storage");
        pickle.extend(format!("ctorch\n{storage}\n").bytes());
        text(&mut pickle, &number.to_string());
        text(&mut pickle, "cpu");
        whole(&mut pickle, tensor.bytes.len() / size);
        pickle.extend(b"tQ");
        whole(&mut pickle, 0);
        let mut strides = Vec::new();
        let mut stride = 1;
        for size in tensor.shape.iter().rev() {
            strides.push(stride);
            stride *= size;
        }
        strides.reverse();
        for sizes in [&tensor.shape, &strides] {
            pickle.push(b'(');
            sizes.iter().for_each(|size| whole(&mut pickle, *size));
            pickle.push(b't');
        }
        // No gradient, no hooks.
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
    }
    pickle.extend(b"u.");

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut add = |name: &str, bytes: &[u8]| {
        zip.start_file(format!("archive/{name}"), stored)
            .expect("begins");
        zip.write_all(bytes).expect("is written");
    };
    add("data.pkl", &pickle);
    add("byteorder", b"little");
    for (number, tensor) in tensors.iter().enumerate() {
        add(&format!("data/{number}"), &tensor.bytes);
    }
    add("version", b"3\n");
    zip.finish().expect("ends").into_inner()
}

fn text(pickle: &mut Vec<u8>, text: &str) {
    pickle.push(b'X');
    pickle.extend((text.len() as u32).to_le_bytes());
    pickle.extend(text.bytes());
}

fn whole(pickle: &mut Vec<u8>, number: usize) {
    pickle.push(b'J');
    pickle.extend((number as u32).to_le_bytes());
}
