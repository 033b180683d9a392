//! Every WGSL text, in every variant it is compiled in, before any driver sees it.

use std::{collections::BTreeSet, path::Path};

use arclight::{
    bench,
    draw::ARC_VERTICES,
    inference::cut_source,
    model::Version,
    score::{self, Lanes, Params},
    trace::{Dimensions, Stored, TOP},
};
use naga::{
    AddressSpace, ShaderStage, TypeInner,
    valid::{Capabilities, GlobalUse, ModuleInfo, ValidationFlags, Validator},
};

/// What [`arclight::gpu::Gpu::new`] asks of an adapter.
const STORAGE_BUFFERS: usize = 8;
const INVOCATIONS: u32 = 256;
/// Half floats unpacked into single ones, which only some OpenGL drivers cannot, and subgroups.
const CAPABILITIES: Capabilities =
    Capabilities::SHADER_FLOAT16_IN_FLOAT32.union(Capabilities::SUBGROUP);
/// What every WebGPU adapter has, in bytes.
const WORKGROUP_MEMORY: u32 = 16_384;

/// A text as it is compiled.
struct Variant {
    /// The files it is made of.
    files: Vec<&'static str>,
    what: String,
    text: String,
}

macro_rules! shader {
    ($name:literal) => {
        ($name, include_str!(concat!("../../shaders/", $name)))
    };
}

fn variants() -> Vec<Variant> {
    let mut all = Vec::new();
    let mut add = |what: &str, files: &[&'static str], text: String| {
        let what = format!("{what}, {}", files.join(" + "));
        all.push(Variant {
            files: files.to_vec(),
            what,
            text,
        });
    };
    for version in [Version::V6, Version::V7] {
        for stored in [Stored::F16, Stored::F32] {
            for head_size in [32, 64, 128] {
                let width = 2 * head_size;
                let dimensions = Dimensions {
                    version,
                    layers: 2,
                    heads: 2,
                    head_size,
                    width,
                    vocab: 8,
                };
                let what = format!("{version}, {stored:?}, head size {head_size}");
                for (name, body) in [
                    shader!("scores.wgsl"),
                    shader!("wk_row.wgsl"),
                    shader!("wk_tiles.wgsl"),
                    shader!("head_output.wgsl"),
                    shader!("before.wgsl"),
                    shader!("before_scores.wgsl"),
                    shader!("attribution.wgsl"),
                    shader!("head_state.wgsl"),
                ] {
                    let text = score::source(&dimensions, stored, body);
                    add(&what, &["prelude.wgsl", name], text);
                }
                let (name, body) = shader!("scans.wgsl");
                for subgroups in [(4, 128), (8, 8), (8, 32), (32, 32), (64, 64)] {
                    let text = Lanes::new(head_size, subgroups).source(&dimensions, stored, body);
                    let what = format!("{what}, subgroups {subgroups:?}");
                    add(&what, &["prelude.wgsl", name], text);
                }
                let (name, _) = shader!("cut.wgsl");
                add(&what, &["cut_inputs.wgsl", name], cut_source(&dimensions));
                let (name, _) = shader!("random.wgsl");
                add(&what, &[name], bench::random_source(&dimensions, stored));
                let (name, body) = shader!("contribution.wgsl");
                add(&what, &[name], score::constants(&dimensions, stored) + body);
            }
        }
    }
    for head_size in [32, 64, 128] {
        for version in [Version::V4, Version::V5] {
            let dimensions = Dimensions {
                version,
                layers: 2,
                heads: 2,
                head_size,
                width: 2 * head_size,
                vocab: 8,
            };
            let what = format!("{version}, head size {head_size}");
            let written = match version {
                Version::V4 => shader!("head_output_v4.wgsl"),
                _ => shader!("static_decay.wgsl"),
            };
            let text = score::writing_source(&dimensions, Stored::F32, written.1);
            add(&what, &["prelude.wgsl", written.0], text);
            let (name, _) = match version {
                Version::V4 => shader!("cut_v4.wgsl"),
                _ => shader!("cut.wgsl"),
            };
            add(&what, &["cut_inputs.wgsl", name], cut_source(&dimensions));
            if version == Version::V4 {
                let (name, body) = shader!("scores_v4.wgsl");
                let text = score::source(&dimensions, Stored::F32, body);
                add(&what, &["prelude.wgsl", name], text);
            }
        }
        for (name, body) in [shader!("gram.wgsl"), shader!("engine_state.wgsl")] {
            let text = format!("const HEAD_SIZE: u32 = {head_size}u;\n{body}");
            add(&format!("head size {head_size}"), &[name], text);
        }
    }
    let (name, body) = shader!("top_tokens.wgsl");
    add(
        "alone",
        &[name],
        format!("const TOP: u32 = {TOP}u;\n{body}"),
    );
    let (name, body) = shader!("marks.wgsl");
    add("alone", &[name], body.to_owned());
    let (name, body) = shader!("atlas.wgsl");
    add("alone", &[name], body.to_owned());
    let (name, body) = shader!("difference.wgsl");
    add("alone", &[name], body.to_owned());
    let (name, body) = shader!("rates.wgsl");
    add("alone", &[name], body.to_owned());
    let (name, body) = shader!("matrix.wgsl");
    add("alone", &[name], body.to_owned());

    let (name, body) = shader!("panels.wgsl");
    add("alone", &[name], body.to_owned());

    let (scene, shared) = shader!("scene.wgsl");
    let shared = format!("const COMPILES_ANEW: bool = true;\n{shared}");
    let segments = format!(
        "const SEGMENTS: u32 = {}u;\nconst MOST_ROUNDS: u32 = 8u;\n",
        ARC_VERTICES / 2 - 1
    );
    let (name, body) = shader!("cull.wgsl");
    add("draw", &[scene, name], format!("{shared}{body}"));
    let (rim, edge) = shader!("rim.wgsl");
    let (name, body) = shader!("plane.wgsl");
    add("draw", &[scene, rim, name], format!("{shared}{edge}{body}"));
    let (colours, shades) = shader!("colours.wgsl");
    let (name, body) = shader!("pool.wgsl");
    add(
        "draw",
        &[scene, colours, name],
        format!("{shared}{shades}{body}"),
    );
    let constants =
        "const BATCH: u32 = 256u;\nfn leave_holes(there: f32) { if there < 0.5 { discard; } }\n";
    let (name, body) = shader!("cells.wgsl");
    let text = format!("{shared}{constants}{shades}{body}");
    add("draw", &[scene, colours, name], text);
    let (merged, far) = shader!("merged.wgsl");
    let (name, body) = shader!("bars.wgsl");
    let text = format!("{shared}{constants}{shades}{far}{body}");
    add("draw", &[scene, colours, merged, name], text);
    let (name, body) = shader!("trace.wgsl");
    for rays in [1, 4] {
        let text = format!("{shared}const RAYS: u32 = {rays}u;\n{shades}{edge}{far}{body}");
        add("draw", &[scene, colours, rim, merged, name], text);
    }
    let (name, body) = shader!("compose.wgsl");
    for lit in [false, true] {
        let text = format!("{shared}const UNIT: f32 = 4096.0;\nconst LIT: bool = {lit};\n{body}");
        add("draw", &[scene, name], text);
    }
    let (arc, course) = shader!("arc.wgsl");
    let (name, body) = shader!("arcs.wgsl");
    let drawn = "fn part_seen(position: vec4<f32>) -> f32 { return 1.0; }\n";
    let (hiding, traced) = shader!("hiding.wgsl");
    for (files, part) in [(&[][..], drawn), (&[hiding][..], traced)] {
        let files = [&[scene, arc, name], files].concat();
        let text = format!("{shared}{segments}{course}{part}{body}");
        add("draw", &files, text);
    }
    let (segments_name, pieces) = shader!("segments.wgsl");
    let (name, body) = shader!("light.wgsl");
    for depth in ["depth_2d", "depth_multisampled_2d", "2d<f32>"] {
        let constants = format!(
            "const UNIT: f32 = 4096.0;\nalias Depth = texture_{depth};\n{segments}\
             fn depths_of(pixel: vec2<u32>) -> vec4<f32> {{ return vec4(textureLoad(depth, pixel, 0)); }}\n"
        );
        let text = format!("{shared}{constants}{course}{pieces}{body}");
        add("draw", &[scene, arc, segments_name, name], text);
    }
    let (name, body) = shader!("shine.wgsl");
    let text = format!("{shared}const UNIT: f32 = 4096.0;\n{body}");
    add("draw", &[scene, name], text);
    for (name, body) in [shader!("arc_numbers.wgsl"), shader!("random_scene.wgsl")] {
        add("alone", &[name], body.to_owned());
    }
    all
}

fn check(text: &str) -> Result<(naga::Module, ModuleInfo), String> {
    let module = naga::front::wgsl::parse_str(text).map_err(|e| e.emit_to_string(text))?;
    let info = Validator::new(ValidationFlags::all(), CAPABILITIES)
        .validate(&module)
        .map_err(|error| error.emit_to_string(text))?;
    Ok((module, info))
}

fn each_checked(mut each: impl FnMut(&Variant, &naga::Module, &ModuleInfo)) {
    for variant in variants() {
        let (module, info) =
            check(&variant.text).unwrap_or_else(|error| panic!("{}: {error}", variant.what));
        each(&variant, &module, &info);
    }
}

#[test]
fn every_shader_is_valid_in_every_variant() {
    let mut count = 0;
    each_checked(|variant, module, _| {
        assert!(
            !module.entry_points.is_empty(),
            "{} has no entry point",
            variant.what
        );
        count += 1;
    });
    assert!(count > 50, "only {count} variants");
}

#[test]
fn no_shader_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let there: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the shaders' folder is read")
        .map(|file| {
            file.expect("it is listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let checked: BTreeSet<String> = variants()
        .iter()
        .flat_map(|variant| &variant.files)
        .map(|&name| name.to_owned())
        .collect();
    assert_eq!(there, checked);
}

#[test]
fn a_broken_shader_is_refused() {
    let variants = variants();
    let good = &variants[0].text;
    for (from, to, why) in [
        ("return vec4", "return ve4", "a type is unknown"),
        (
            "var q = receptance;",
            "var q = recptance;",
            "a name is unknown",
        ),
        ("var q = receptance;", "var q = 1u;", "types do not fit"),
        (
            "workgroupBarrier();",
            "workgroupBarrier(1);",
            "an argument is too many",
        ),
        (
            "@workgroup_size(QUADS)",
            "@workgroup_size(0)",
            "a workgroup is empty",
        ),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(&broken, good, "{from} is not in the shader any more");
        assert!(check(&broken).is_err(), "accepted although {why}");
    }
    check(good).expect("what was broken is good otherwise");
}

#[test]
fn kernels_keep_to_what_an_adapter_must_have() {
    each_checked(|variant, module, info| {
        for (index, entry) in module.entry_points.iter().enumerate() {
            let what = format!("{}, {}", variant.what, entry.name);
            let uses = info.get_entry_point(index);
            let used = |space: fn(&AddressSpace) -> bool| {
                module
                    .global_variables
                    .iter()
                    .filter(move |(_, global)| space(&global.space))
                    .filter(|(handle, _)| uses[*handle] != GlobalUse::empty())
            };
            let buffers = used(|space| matches!(space, AddressSpace::Storage { .. })).count();
            assert!(
                buffers <= STORAGE_BUFFERS,
                "{what}: {buffers} storage buffers"
            );
            if entry.stage == ShaderStage::Compute {
                let threads: u32 = entry.workgroup_size.iter().product();
                assert!(
                    (1..=INVOCATIONS).contains(&threads),
                    "{what}: {threads} threads"
                );
                let bytes: u32 = used(|space| *space == AddressSpace::WorkGroup)
                    .map(|(_, global)| module.types[global.ty].inner.size(module.to_ctx()))
                    .sum();
                assert!(
                    bytes <= WORKGROUP_MEMORY,
                    "{what}: {bytes} bytes of workgroup memory"
                );
            }
        }
    });
}

/// The size of a struct, and that of its members alone.
fn struct_sizes(module: &naga::Module, name: &str) -> Option<(u32, u32)> {
    let (_, ty) = module
        .types
        .iter()
        .find(|(_, ty)| ty.name.as_deref() == Some(name))?;
    let TypeInner::Struct { members, span } = &ty.inner else {
        return None;
    };
    let size = |ty| module.types[ty].inner.size(module.to_ctx());
    Some((*span, members.iter().map(|member| size(member.ty)).sum()))
}

/// A `#[repr(C)]` struct of the same members in the same order then lies the same way.
#[test]
fn what_the_cpu_writes_has_no_gaps() {
    each_checked(|variant, module, _| {
        let name = if variant.files.contains(&"scene.wgsl") {
            "Scene"
        } else {
            "Params"
        };
        let (span, members) = struct_sizes(module, name)
            .unwrap_or_else(|| panic!("{} has no struct {name}", variant.what));
        assert_eq!(span, members, "{}: {name} has gaps", variant.what);
    });
}

#[test]
fn a_struct_with_a_gap_is_noticed() {
    let text = "struct Params { a: u32, b: vec3<f32>, }
        @group(0) @binding(0) var<uniform> params: Params;
        @compute @workgroup_size(1) fn main() { _ = params.a; }";
    let (module, _) = check(text).expect("it is valid all the same");
    assert_eq!(struct_sizes(&module, "Params"), Some((32, 16)));
}

#[test]
fn score_params_are_as_large_as_in_the_prelude() {
    each_checked(|variant, module, _| {
        if variant.files.contains(&"prelude.wgsl") {
            let size = size_of::<Params>() as u32;
            assert_eq!(
                struct_sizes(module, "Params"),
                Some((size, size)),
                "{}",
                variant.what
            );
        }
    });
}
