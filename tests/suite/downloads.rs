//! Downloads from a server on this machine.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use arclight::{
    download::{Done, DownloadError, Hub, Place, download},
    files::{Watch, unwatched},
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::server::{Reply, Request, Server};

const PLACE: &str = "owner/repository/folder/model.pth";
const FILE: &str = "/owner/repository/resolve/main/folder/model.pth";

/// Longer than what is taken from the network at once.
fn content() -> Vec<u8> {
    (0..700_000_u32)
        .map(|at| (at.wrapping_mul(at) >> 7) as u8)
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file as the hub answers for it, from where it is asked on.
fn whole(request: &Request) -> Reply {
    let content = content();
    let mut reply = Reply {
        status: 200,
        headers: vec![
            ("x-linked-size", content.len().to_string()),
            ("x-linked-etag", format!("\"{}\"", sha256(&content))),
        ],
        ..Reply::default()
    };
    if request.path != FILE {
        reply.status = 404;
        reply.headers.clear();
    } else if let Some(from) = request.from() {
        reply.status = 206;
        let (last, all) = (content.len() - 1, content.len());
        let range = format!("bytes {from}-{last}/{all}");
        reply.headers.push(("content-range", range));
        reply.body = content[from..].to_vec();
    } else {
        reply.body = content;
    }
    reply
}

fn hub(server: &Server) -> Hub {
    Hub::new(&server.url(), None).expect("it is an address")
}

fn place() -> Place {
    PLACE.parse().expect("it is a place")
}

fn get(hub: &Hub, folder: &Path) -> Result<Done, DownloadError> {
    unwatched(|watch| download(hub, &place(), folder, watch))
}

fn refusal(server: &Server) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let error = get(&hub(server), folder.path()).expect_err("it is refused");
    let text = error.to_string();
    assert!(!text.contains('\n'), "more than one line: {text}");
    assert_eq!(names(&folder), Vec::<String>::new(), "{text}: left behind");
    text
}

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).expect("it is there").flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn gets(server: &Server) -> Vec<Request> {
    let mut requests = server.requests();
    requests.retain(|request| request.method == "GET");
    requests
}

/// A download that is ended once `steps` pieces have come; its folder.
fn ended_after(server: &Server, steps: usize) -> (TempDir, DownloadError) {
    let folder = tempfile::tempdir().expect("a folder");
    let cancel = AtomicBool::new(false);
    let mut told = 0;
    let mut tell = |_, _| {
        told += 1;
        cancel.store(told >= steps, Ordering::Relaxed);
    };
    let mut watch = Watch::new(&cancel, &mut tell);
    let done = download(&hub(server), &place(), folder.path(), &mut watch);
    (folder, done.expect_err("it is ended"))
}

#[test]
fn a_file_comes_whole() {
    let server = Server::start(whole);
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("new");
    let never = AtomicBool::new(false);
    let mut told = Vec::new();
    let mut tell = |done, total| told.push((done, total));
    let mut watch = Watch::new(&never, &mut tell);
    let done = download(&hub(&server), &place(), &into, &mut watch).expect("it comes");
    let content = content();
    assert_eq!(fs::read(&done.path).expect("it is there"), content);
    assert_eq!(done.path, into.join("model.pth"));
    let all = content.len() as u64;
    assert_eq!((done.size, done.sha256), (all, sha256(&content)));
    assert!(!done.was_there);
    assert_eq!(fs::read_dir(&into).expect("a folder").count(), 1);
    assert_eq!(told.last(), Some(&(all, all)));
    assert!(told.len() > 1, "not told in between");
    assert_eq!(gets(&server).len(), 1);
    assert_eq!(gets(&server)[0].from(), None);
    assert!(
        server
            .requests()
            .iter()
            .all(|it| it.header("authorization").is_none())
    );
}

#[test]
fn what_is_there_is_not_fetched_again_nor_written_over() {
    let server = Server::start(whole);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.pth");
    fs::write(&path, content()).expect("it is written");
    let done = get(&hub(&server), folder.path()).expect("it is that file");
    assert!(done.was_there);
    let mut other = content();
    other[5] ^= 1;
    for other in [&other[..], b"short"] {
        fs::write(&path, other).expect("it is written");
        let error = get(&hub(&server), folder.path()).expect_err("it is another");
        assert!(matches!(error, DownloadError::Occupied { .. }), "{error}");
        assert_eq!(fs::read(&path).expect("it is there"), other);
    }
    assert_eq!(gets(&server).len(), 0);
}

#[test]
fn a_connection_that_breaks_off_is_taken_up_again() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |request| {
        let mut reply = whole(request);
        if request.method == "GET" && count.fetch_add(1, Ordering::Relaxed) < 2 {
            reply.cut = Some(150_000);
        }
        reply
    });
    let folder = tempfile::tempdir().expect("a folder");
    let done = get(&hub(&server), folder.path()).expect("it comes");
    assert_eq!(fs::read(done.path).expect("it is there"), content());
    let from: Vec<_> = gets(&server).iter().map(Request::from).collect();
    assert_eq!(from, [None, Some(150_000), Some(300_000)]);
}

#[test]
fn what_never_comes_is_given_up_and_what_came_is_kept() {
    let server = Server::start(|request| {
        let mut reply = whole(request);
        reply.cut = Some(if request.from().is_none() { 9_000 } else { 0 });
        reply
    });
    let folder = tempfile::tempdir().expect("a folder");
    let error = get(&hub(&server), folder.path()).expect_err("it breaks off");
    let text = error.to_string();
    assert!(text.contains("9000 of 700000 bytes"), "{text}");
    assert_eq!(gets(&server).len(), 4);
    let names = names(&folder);
    assert!(names[0].ends_with(".part") && names.len() == 1, "{names:?}");
}

#[test]
fn an_ended_download_goes_on_where_it_was() {
    let server = Server::start(whole);
    let (folder, error) = ended_after(&server, 2);
    assert!(matches!(error, DownloadError::Cancelled { .. }), "{error}");
    let [part] = &names(&folder)[..] else {
        panic!("{:?}", names(&folder));
    };
    assert!(
        part.starts_with("model.pth.") && part.ends_with(".part"),
        "{part}"
    );
    let there = fs::read(folder.path().join(part)).expect("it is there");
    assert!(!there.is_empty() && content().starts_with(&there));

    let done = get(&hub(&server), folder.path()).expect("it goes on");
    assert_eq!(fs::read(done.path).expect("it is there"), content());
    assert_eq!(gets(&server)[1].from(), Some(there.len()));
    assert_eq!(names(&folder), ["model.pth"]);
}

#[test]
fn a_server_that_begins_anew_is_followed() {
    for status in [200, 416] {
        let server = Server::start(move |request| {
            let mut asked = request.clone();
            if request.from().is_some() && status == 200 {
                asked.headers.clear();
            }
            let mut reply = whole(&asked);
            if request.from().is_some() && status == 416 {
                reply.status = 416;
                reply.body.clear();
            }
            reply
        });
        let (folder, _) = ended_after(&server, 1);
        let done = get(&hub(&server), folder.path()).expect("it comes");
        assert_eq!(fs::read(done.path).expect("it is there"), content());
        assert!(gets(&server)[1].from().is_some());
        assert_eq!(names(&folder), ["model.pth"]);
    }
}

#[test]
fn a_spoiled_part_is_found_out_by_its_sum() {
    let server = Server::start(whole);
    let (folder, _) = ended_after(&server, 1);
    let part = folder.path().join(&names(&folder)[0]);
    let mut bytes = fs::read(&part).expect("it is there");
    bytes[7] ^= 1;
    fs::write(&part, bytes).expect("it is written");
    let error = get(&hub(&server), folder.path()).expect_err("it is spoiled");
    assert!(matches!(error, DownloadError::Checksum { .. }), "{error}");
    assert_eq!(names(&folder), Vec::<String>::new());
    get(&hub(&server), folder.path()).expect("the next try is a new one");
}

#[test]
fn a_wrong_sum_or_length_keeps_nothing() {
    let wrong = "0".repeat(64);
    let server = Server::start({
        let wrong = wrong.clone();
        move |request| {
            let mut reply = whole(request);
            reply.headers[1].1.clone_from(&wrong);
            reply
        }
    });
    let text = refusal(&server);
    assert!(
        text.contains(&wrong) && text.contains(&sha256(&content())),
        "{text}"
    );

    let server = Server::start(|request| {
        let mut reply = whole(request);
        reply.body.extend(if request.method == "GET" {
            &b"more"[..]
        } else {
            b""
        });
        reply
    });
    let folder = tempfile::tempdir().expect("a folder");
    let error = get(&hub(&server), folder.path()).expect_err("it is too long");
    assert!(
        error.to_string().contains("more than 700000 bytes"),
        "{error}"
    );
}

#[test]
fn the_token_stays_with_the_hub() {
    let elsewhere = Server::start(|request| {
        let mut asked = request.clone();
        asked.path = FILE.to_owned();
        whole(&asked)
    });
    let there = format!("{}/signed?key=1", elsewhere.url());
    let server = Server::start(move |request| {
        let mut reply = whole(request);
        reply.status = 302;
        reply.body.clear();
        let to = match request.path.as_str() {
            FILE => "/moved".to_owned(),
            _ => there.clone(),
        };
        reply.headers.push(("location", to));
        // What the hub itself says counts, and the first answer says it.
        reply.headers.retain(|(name, _)| *name != "content-range");
        reply
    });
    let hub = Hub::new(&server.url(), Some("secret".to_owned())).expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let done = get(&hub, folder.path()).expect("it comes");
    assert_eq!(fs::read(done.path).expect("it is there"), content());
    let own = server.requests();
    assert_eq!(own.len(), 3, "{own:?}");
    for request in own {
        assert_eq!(request.header("authorization"), Some("Bearer secret"));
    }
    let others = elsewhere.requests();
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].path, "/signed?key=1");
    let told = format!("{others:?}");
    assert!(!told.contains("secret"), "the token went elsewhere: {told}");
}

#[test]
fn redirects_end() {
    let server = Server::start(|_| Reply {
        status: 307,
        headers: vec![("location", "/again".to_owned())],
        ..Reply::default()
    });
    assert!(refusal(&server).contains("without end"));
    assert_eq!(server.requests().len(), 11);
}

#[test]
fn size_and_sum_can_come_from_the_list() {
    let listing = format!(
        r#"[{{"type":"directory","path":"folder"}},
           {{"type":"file","path":"folder/small.json","size":3,"oid":"0"}},
           {{"type":"file","path":"folder/model.pth","size":134,"oid":"0",
             "lfs":{{"oid":"{}","size":700000,"pointerSize":134}}}}]"#,
        sha256(&content())
    );
    let server = Server::start(move |request| {
        if request
            .path
            .starts_with("/api/models/owner/repository/tree/main")
        {
            return Reply {
                status: 200,
                body: listing.clone().into_bytes(),
                ..Reply::default()
            };
        }
        let mut reply = whole(request);
        reply
            .headers
            .retain(|(name, _)| !name.starts_with("x-linked"));
        reply
    });
    let folder = tempfile::tempdir().expect("a folder");
    let done = get(&hub(&server), folder.path()).expect("it comes");
    assert_eq!(done.sha256, sha256(&content()));
    let listed = hub(&server).list("owner/repository").expect("it is listed");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0].sha256, None);
    assert_eq!(
        (listed[1].size, &listed[1].sha256),
        (700_000, &Some(done.sha256))
    );
}

#[test]
fn without_a_sum_nothing_is_fetched() {
    let listing = r#"[{"type":"file","path":"folder/model.pth","size":3,"oid":"0"}]"#;
    let server = Server::start(move |request| Reply {
        status: 200,
        body: match request.path.starts_with("/api") {
            true => listing.as_bytes().to_vec(),
            false => b"abc".to_vec(),
        },
        ..Reply::default()
    });
    assert!(refusal(&server).contains("no SHA-256"));
}

#[test]
fn refusals_say_what_to_do() {
    for (status, says) in [
        (404, "has no owner/repository/folder/model.pth"),
        (401, "HF_TOKEN"),
        (403, "HF_TOKEN"),
        (429, "answered 429"),
        (500, "answered 500"),
    ] {
        let server = Server::start(move |_| Reply {
            status,
            ..Reply::default()
        });
        let text = refusal(&server);
        assert!(text.contains(says), "{text}");
        assert!(text.contains(&server.address.to_string()), "{text}");
    }
    let server = Server::start(|_| Reply {
        status: 200,
        body: b"<html>a hotel's login page</html>".to_vec(),
        ..Reply::default()
    });
    assert!(refusal(&server).contains("cannot be understood"));
}

#[test]
fn nobody_listening_is_told() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        listener.local_addr().expect("it has an address")
    };
    let hub = Hub::new(&format!("http://{address}/"), None).expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let text = get(&hub, folder.path())
        .expect_err("nobody answers")
        .to_string();
    assert!(text.contains("cannot be reached"), "{text}");
    assert!(text.contains(&address.to_string()), "{text}");
    for wrong in ["", "huggingface.co", "ftp://huggingface.co", "http://"] {
        let error = Hub::new(wrong, None).err().expect("it is no address");
        assert!(error.to_string().contains("HF_ENDPOINT"), "{error}");
    }
}

#[test]
fn two_do_not_write_the_same_part() {
    let server = Server::start(whole);
    let (folder, _) = ended_after(&server, 1);
    let part = fs::File::open(folder.path().join(&names(&folder)[0])).expect("it opens");
    part.lock().expect("it is locked");
    let error = get(&hub(&server), folder.path()).expect_err("it is locked");
    assert!(matches!(error, DownloadError::Busy { .. }), "{error}");
    drop(part);
    get(&hub(&server), folder.path()).expect("it goes on");
}

/// The sources themselves: whatever opens a model cannot reach the network.
#[test]
fn only_one_room_knows_the_network() {
    fn check(folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                if !path.ends_with("src/download") {
                    check(&path);
                }
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            for word in ["ureq", "TcpStream", "UdpSocket"] {
                assert!(!text.contains(word), "{} knows {word}", path.display());
            }
            let asks = text.contains("download::") && !path.ends_with("cli/mod.rs");
            assert!(
                !asks || path.ends_with("cli/download.rs"),
                "{}",
                path.display()
            );
        }
    }
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
}
