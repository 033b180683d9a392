//! A small view, exported in every way.

use std::{io::Read, ops::Range, sync::Arc};

use npyz::NpyFile;

use super::{Document, ExportError, Format, Snapshot};
use crate::{
    lattice::{HeadId, HeadSet, Shape},
    model::{TokenText, Version},
    score::{Measure, Scale},
    session::{Colours, Export, Session, TextView, Theme, bytes},
};

const TEXTS: [&str; 5] = ["The", " cat,", "\n", " said \"", "字"];
const SHAPE: Shape = Shape {
    tokens: TEXTS.len(),
    layers: 2,
    first_layer: 0,
    heads: 2,
    unit: crate::model::Unit::Head,
};

fn tokens() -> Vec<TokenText> {
    let token = |(at, text): (usize, &&str)| TokenText {
        id: 100 + at as u32,
        bytes: text.as_bytes().to_vec(),
        text: (*text).to_owned(),
        span: at,
    };
    TEXTS.iter().enumerate().map(token).collect()
}

fn snapshot(session: Session) -> Snapshot {
    Snapshot {
        session,
        model: "small".into(),
        version: Version::V7,
        shape: SHAPE,
        tokens: Arc::new(tokens()),
        summary: vec![0.25, -0.5, 1.0, 0.0, 0.125],
        scales: vec![2.0; 5],
        surprises: Arc::new(vec![None, Some(1.5), Some(0.25), Some(12.0), Some(3.0)]),
    }
}

fn selected(token: usize) -> Session {
    Session {
        token: Some(token),
        ..Session::default()
    }
}

/// Head h with token t: h + t / 8, all of it exact.
fn numbers(heads: usize) -> Vec<f32> {
    let pairs = (0..heads).flat_map(|head| (0..SHAPE.tokens).map(move |token| (head, token)));
    pairs
        .map(|(head, token)| head as f32 + token as f32 / 8.0)
        .collect()
}

/// Reader t of writer s: t + s / 8, negative where t is odd; 0 above the diagonal.
fn pairs() -> Vec<f32> {
    let all = (0..SHAPE.tokens).flat_map(|t| (0..SHAPE.tokens).map(move |s| (t, s)));
    let number = |(t, s): (usize, usize)| match (s <= t, t % 2) {
        (false, _) => 0.0,
        (true, 0) => t as f32 + s as f32 / 8.0,
        (true, _) => -(t as f32 + s as f32 / 8.0),
    };
    all.map(number).collect()
}

fn document(session: Session, what: Export, numbers: Vec<f32>) -> Document {
    let of = snapshot(session);
    Document { of, what, numbers }
}

/// The file that is written under this name.
fn written(document: &Document, name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    document.save(&path).expect("it is written");
    let left = folder.path().read_dir().expect("listed").count();
    assert_eq!(left, 1, "something is left beside it");
    std::fs::read(&path).expect("it is there")
}

fn text(document: &Document, name: &str) -> String {
    String::from_utf8(written(document, name)).expect("UTF-8")
}

/// An array of a file: its shape and its values.
fn array<T: npyz::Deserialize>(file: &[u8], name: &str) -> (Vec<u64>, Vec<T>) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("an archive");
    let mut entry = archive
        .by_name(&format!("{name}.npy"))
        .expect("it is there");
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).expect("it is read");
    let array = NpyFile::new(&bytes[..]).expect("a header");
    (
        array.shape().to_vec(),
        array.into_vec().expect("of that type"),
    )
}

#[test]
fn a_row_has_a_line_a_pair_and_head() {
    let heads: HeadSet = [HeadId { layer: 0, head: 1 }, HeadId { layer: 1, head: 0 }]
        .into_iter()
        .collect();
    let session = Session {
        heads,
        ..selected(1)
    };
    let row = document(session, Export::Row, numbers(2));
    assert_eq!(
        text(&row, "row.csv"),
        "layer,head,reader,writer,reader_text,writer_text,rwk\n\
         0,1,1,0,\" cat,\",The,0.0\n\
         0,1,1,1,\" cat,\",\" cat,\",0.125\n\
         1,0,1,0,\" cat,\",The,1.0\n\
         1,0,1,1,\" cat,\",\" cat,\",1.125\n"
    );
    // For a spreadsheet a comma is nothing special, and a tab is.
    assert_eq!(
        row.to_text().expect("a text").lines().nth(1),
        Some("0\t1\t1\t0\t\" cat,\"\tThe\t0.0")
    );
}

#[test]
fn a_column_has_the_readers_in_all_heads() {
    let session = Session {
        measure: Measure::Wk,
        ..selected(3)
    };
    let column = document(session, Export::Column, numbers(4));
    let lines = text(&column, "column.CSV");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 1 + 4 * 2);
    assert!(lines[0].ends_with(",wk"));
    assert_eq!(lines[2], "0,0,4,3,字,\" said \"\"\",0.5");
    assert_eq!(lines[8], "1,1,4,3,字,\" said \"\"\",3.5");

    let file = written(&column, "column.npz");
    assert_eq!(
        array::<f32>(&file, "scores"),
        (
            vec![4, 2],
            vec![0.375, 0.5, 1.375, 1.5, 2.375, 2.5, 3.375, 3.5]
        )
    );
    assert_eq!(
        array::<i64>(&file, "heads"),
        (vec![4, 2], vec![0, 0, 0, 1, 1, 0, 1, 1])
    );
    assert_eq!(array::<i64>(&file, "readers"), (vec![2], vec![3, 4]));
    assert_eq!(array::<i64>(&file, "writers"), (vec![2], vec![3, 3]));
    assert_eq!(array::<u32>(&file, "tokens"), (vec![2], vec![103, 104]));
    let texts = vec![" said \"".to_owned(), "字".to_owned()];
    assert_eq!(array::<String>(&file, "texts"), (vec![2], texts));
    assert_eq!(
        array::<String>(&file, "measure"),
        (vec![], vec!["wk".to_owned()])
    );
}

#[test]
fn passage_and_folds_are_left_out() {
    let of = |passage: Option<Range<usize>>, folds: Vec<Range<usize>>| {
        let session = Session {
            passage,
            folds,
            heads: HeadId { layer: 0, head: 0 }.into(),
            ..selected(4)
        };
        let row = document(session, Export::Row, numbers(1));
        let file = written(&row, "row.npz");
        array::<i64>(&file, "writers").1
    };
    assert_eq!(of(None, vec![]), [0, 1, 2, 3, 4]);
    assert_eq!(of(Some(1..4), vec![]), [1, 2, 3]);
    assert_eq!(of(None, vec![0..2, 3..4]), [2, 4]);

    let session = Session {
        passage: Some(2..4),
        ..selected(1)
    };
    let nothing = document(session, Export::Row, numbers(4));
    let folder = tempfile::tempdir().expect("a folder");
    let error = nothing.save(&folder.path().join("row.csv"));
    assert!(
        matches!(error, Err(ExportError::NothingShown("row"))),
        "{error:?}"
    );
}

fn matrix(session: Session) -> Document {
    let session = Session {
        heads: HeadId { layer: 1, head: 1 }.into(),
        ..session
    };
    document(session, Export::Matrix, pairs())
}

#[test]
fn a_matrix_is_a_table_of_readers_and_writers() {
    let session = Session {
        passage: Some(1..4),
        ..Session::default()
    };
    let part = matrix(session);
    assert_eq!(
        text(&part, "matrix.csv"),
        "reader,1,2,3\n\
         1,-1.125,0.0,0.0\n\
         2,2.125,2.25,0.0\n\
         3,-3.125,-3.25,-3.375\n"
    );
    let file = written(&part, "matrix.npz");
    let scores = vec![-1.125, 0.0, 0.0, 2.125, 2.25, 0.0, -3.125, -3.25, -3.375];
    assert_eq!(array::<f32>(&file, "scores"), (vec![3, 3], scores));
    assert_eq!(array::<i64>(&file, "head"), (vec![2], vec![1, 1]));
    assert_eq!(array::<i64>(&file, "index"), (vec![3], vec![1, 2, 3]));
    assert_eq!(array::<u32>(&file, "tokens").1, [101, 102, 103]);
    assert_eq!(array::<String>(&file, "texts").1[1], "\n");
    let whole = matrix(Session::default());
    assert_eq!(
        array::<f32>(&written(&whole, "m.npz"), "scores"),
        (vec![5, 5], pairs())
    );
}

#[test]
fn the_text_as_a_table_has_values_and_surprises() {
    let session = Session {
        passage: Some(0..3),
        ..selected(1)
    };
    assert_eq!(
        text(&document(session, Export::Text, vec![]), "text.csv"),
        "token,id,text,value,surprise\n\
         0,100,The,0.25,\n\
         1,101,\" cat,\",-0.5,1.5\n\
         2,102,\"\n\",1.0,0.25\n"
    );
}

#[test]
fn the_text_is_copied_as_people_read_it() {
    let copied = |session| {
        document(session, Export::Text, vec![])
            .to_text()
            .expect("a text")
    };
    assert_eq!(copied(Session::default()), TEXTS.concat());
    let session = Session {
        passage: Some(1..3),
        ..Session::default()
    };
    assert_eq!(copied(session), TEXTS[1..3].concat());
    let session = Session {
        folds: std::iter::once(1..4).collect(),
        ..Session::default()
    };
    assert_eq!(copied(session), "The ⋯ 3 tokens ⋯ 字");
}

#[test]
fn too_much_for_a_clipboard_is_refused() {
    let mut long = matrix(Session::default());
    let tokens = 1100;
    long.of.shape.tokens = tokens;
    long.numbers = vec![0.0; tokens * tokens];
    let error = long.to_text().expect_err("too much").to_string();
    assert!(
        error.contains("1210000 numbers") && error.contains("to a file"),
        "{error}"
    );
}

#[test]
fn formats_go_by_the_ending() {
    let of = |what, name: &str| Format::of(what, name.as_ref());
    for what in Export::ALL {
        for format in [Format::Csv, Format::Npz, Format::Svg] {
            let name = format!("a.b{}", format.ending());
            let found = of(what, &name).ok();
            let there = Format::all(what).contains(&format).then_some(format);
            assert_eq!(found, there, "{what:?} {name}");
        }
        for name in ["csv", "a.txt", "a", ".csv"] {
            assert!(of(what, name).is_err(), "{name}");
        }
    }
    let error = of(Export::Row, "x/row.svg")
        .expect_err("no such")
        .to_string();
    assert!(
        error.contains("x/row.svg does not end in .csv or .npz"),
        "{error}"
    );
    let error = of(Export::Matrix, "m.png")
        .expect_err("no such")
        .to_string();
    assert!(error.contains(".csv, .npz or .svg"), "{error}");
}

fn hex(colour: [f32; 3]) -> String {
    let [red, green, blue] = bytes(colour);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The group of a token, and the colour under it.
fn ground<'a>(page: &'a roxmltree::Document<'a>, token: &str) -> Option<&'a str> {
    let titles = page.descendants().filter(|node| node.has_tag_name("title"));
    let title =
        |node: &roxmltree::Node<'_, '_>| node.text().is_some_and(|text| text.starts_with(token));
    let title = titles.into_iter().find(title).expect("it has a title");
    let mut beside = title.next_siblings();
    let rect = beside.find(|node| node.has_tag_name("rect") && node.has_attribute("rx"));
    rect.and_then(|rect| rect.attribute("fill"))
}

#[test]
fn the_drawn_text_has_the_colours_of_the_panel() {
    for theme in Theme::ALL {
        let session = Session {
            theme,
            scale: Scale::Global,
            text: TextView {
                surprise: true,
                whitespace: true,
                words: false,
            },
            ..selected(2)
        };
        let colours = session.colours();
        let svg = text(&document(session, Export::Text, vec![]), "text.svg");
        let page = roxmltree::Document::parse(&svg).expect("well-formed");
        let root = page.root_element();
        assert_eq!(
            root.tag_name().namespace(),
            Some("http://www.w3.org/2000/svg")
        );
        // The strongest but the selected one has the strongest colour.
        assert_eq!(
            ground(&page, "token 1"),
            Some(&*hex(colours.diverging(-1.0)))
        );
        assert_eq!(
            ground(&page, "token 0"),
            Some(&*hex(colours.diverging(0.5)))
        );
        assert_eq!(ground(&page, "token 2"), Some(&*hex(colours.selected())));
        let paper = root
            .descendants()
            .find(|node| node.attribute("id") == Some("ground"));
        let paper = paper.and_then(|node| node.attribute("fill"));
        assert_eq!(paper, Some(&*hex(colours.ground())));
        for said in [
            "token 1: ␣cat,\nR-WK score, mean of all heads: -0.5 of full colour\nsurprise 1.5 nats",
            "token 2: ⏎, selected",
        ] {
            let title = |node: roxmltree::Node<'_, '_>| {
                node.text().is_some_and(|text| text.starts_with(said))
            };
            assert!(root.descendants().any(title), "{said} in {svg}");
        }
        // −0.5 of a full colour of 2.
        let words: Vec<_> = root.descendants().filter_map(|node| node.text()).collect();
        for said in [
            "−1.000",
            "+1.000",
            "A[t,s] = r_t · G_t…G_(s+1) k_s",
            "12 nats",
            "↵",
        ] {
            assert!(words.contains(&said), "{said} in {words:?}");
        }
    }
}

#[test]
fn words_are_drawn_as_one_and_what_is_off_is_not_drawn() {
    let session = Session {
        folds: std::iter::once(0..2).collect(),
        ..Session::default()
    };
    let svg = text(&document(session, Export::Text, vec![]), "text.svg");
    let page = roxmltree::Document::parse(&svg).expect("well-formed");
    let words: Vec<_> = page.descendants().filter_map(|node| node.text()).collect();
    assert!(words.contains(&"⋯ 2 tokens ⋯"), "{words:?}");
    assert!(words.iter().all(|word| !word.contains("cat")), "{words:?}");
    assert_eq!(ground(&page, "token 4"), None, "nothing is selected");
    assert!(!svg.contains("linearGradient"), "colours mean nothing");

    let mut joined = document(selected(0), Export::Text, vec![]);
    joined.of.session.text.words = true;
    let mut tokens = tokens();
    tokens[1].text = "saw".into();
    tokens[1].bytes = b"saw".to_vec();
    joined.of.tokens = Arc::new(tokens);
    let svg = text(&joined, "text.svg");
    let page = roxmltree::Document::parse(&svg).expect("well-formed");
    let selected = Colours::default().selected();
    assert_eq!(ground(&page, "tokens 0 to 1"), Some(&*hex(selected)));
}

/// The cells of a drawn matrix, a row a reader; all pixels of each are the same.
fn pixels(svg: &str) -> Vec<Vec<[u8; 4]>> {
    let page = roxmltree::Document::parse(svg).expect("well-formed");
    let image = page.descendants().find(|node| node.has_tag_name("image"));
    let source = image.and_then(|image| image.attribute(("http://www.w3.org/1999/xlink", "href")));
    let source = source.and_then(|source| source.strip_prefix("data:image/png;base64,"));
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for c in source.expect("it is inside").bytes().filter(|c| *c != b'=') {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digit = digits.iter().position(|digit| *digit == c).expect("base64");
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("whole");
    let rows: Vec<&[[u8; 4]]> = pixels
        .chunks(info.width as usize * 4)
        .map(|row| row.as_chunks().0)
        .collect();
    let zoom = rows.len() / SHAPE.tokens;
    assert!(zoom > 1 && zoom * SHAPE.tokens == rows.len(), "{zoom}");
    for (y, row) in rows.iter().enumerate() {
        assert_eq!(*row, rows[y / zoom * zoom]);
        for (x, pixel) in row.iter().enumerate() {
            assert_eq!(*pixel, row[x / zoom * zoom]);
        }
    }
    let cells = |row: &&[[u8; 4]]| row.iter().step_by(zoom).copied().collect();
    rows.iter().step_by(zoom).map(cells).collect()
}

#[test]
fn the_drawn_matrix_has_the_exact_colour_of_every_pair() {
    let mut of = matrix(Session::default());
    let colours = of.of.session.colours();
    // The largest off the diagonal is 4.375.
    let pixels = pixels(&text(&of, "matrix.svg"));
    assert_eq!(pixels.len(), SHAPE.tokens);
    for (reader, row) in pixels.iter().enumerate() {
        for (writer, pixel) in row.iter().enumerate() {
            if writer > reader {
                assert_eq!(pixel[3], 0, "({reader}, {writer}) is painted");
                continue;
            }
            let score = pairs()[reader * SHAPE.tokens + writer];
            let step = ((score / 4.375).clamp(-1.0, 1.0) * 0.5 + 0.5) * 255.0;
            let colour = colours.diverging((step + 0.5).floor() / 255.0 * 2.0 - 1.0);
            assert_eq!(pixel[..3], bytes(colour), "({reader}, {writer})");
        }
    }
    let svg = text(&of, "matrix.svg");
    for said in [
        "R-WK score of L1 H1",
        "+4.375",
        "−4.375",
        "writer s →",
        "← reader t",
        ">cat,<",
    ] {
        assert!(svg.contains(said), "{said} in {svg}");
    }
    // With a token selected, full colour is that of its arcs, and its lines are outlined.
    of.of.session.token = Some(3);
    let svg = text(&of, "matrix.svg");
    for said in ["+2.000", "selected token&apos;s arcs", "outlined: token 3"] {
        let said = said.replace("&apos;", "'");
        assert!(svg.contains(&said), "{said} in {svg}");
    }
}
