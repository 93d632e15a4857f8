//! Documents from web sites and buckets, fetched from servers on this machine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use epibot::config::load::load_from;
use epibot::config::settings::Config;
use epibot::config::sources::{Bucket, Source, WebSource};
use epibot::domain::fault::{Fault, SourceFault};
use epibot::ingest::mirror;
use epibot::ingest::mirror::FetchReport;
use tokio_util::sync::CancellationToken;

/// What lies at each path: kind, version and content.
type Content = BTreeMap<String, (&'static str, &'static str, String)>;

/// A server with content that can be changed, and a memory of what it was asked.
#[derive(Clone, Default)]
struct Site {
    content: Arc<Mutex<Content>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    fn put(&self, path: &str, kind: &'static str, version: &'static str, content: &str) {
        let entry = (kind, version, content.to_owned());
        self.content.lock().unwrap().insert(path.to_owned(), entry);
    }

    fn remove(&self, path: &str) {
        self.content.lock().unwrap().remove(path);
    }

    /// What was asked since the last time, with what came of it.
    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }

    /// Serves until the test ends; its address.
    async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(self.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}")
    }
}

async fn answer(State(site): State<Site>, request: Request) -> Response {
    let path = match request.uri().query() {
        Some(query) => format!("{}?{query}", request.uri().path()),
        None => request.uri().path().to_owned(),
    };
    let found = site.content.lock().unwrap().get(&path).cloned();
    let has = request.headers().get(header::IF_NONE_MATCH).cloned();
    let (status, response) = match found {
        None => (404, StatusCode::NOT_FOUND.into_response()),
        Some((_, version, _)) if has.is_some_and(|has| has == version) => {
            (304, StatusCode::NOT_MODIFIED.into_response())
        }
        Some(("refused", ..)) => (403, StatusCode::FORBIDDEN.into_response()),
        Some(("redirect", _, target)) => (
            302,
            (StatusCode::FOUND, [(header::LOCATION, target)]).into_response(),
        ),
        Some((kind, version, content)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, version)];
            (200, (headers, content).into_response())
        }
    };
    site.asked.lock().unwrap().push(format!("{status} {path}"));
    response
}

fn config() -> Config {
    load_from(None, Some(std::collections::HashMap::new())).unwrap()
}

fn web(folder: &std::path::Path, start: &str) -> Source {
    Source {
        name: "wiki".to_owned(),
        path: folder.to_owned(),
        collection: "wiki".to_owned(),
        web: Some(WebSource {
            start: vec![start.to_owned()],
            depth: 3,
            max_files: 100,
            max_file_mb: 1,
            private: vec!["127.0.0.1".to_owned()],
            pause_ms: 0,
        }),
        ..Source::default()
    }
}

async fn refresh(source: &Source) -> FetchReport {
    mirror::refresh(&config(), source, &CancellationToken::new())
        .await
        .unwrap()
}

/// What was wrong, in the order in which it was met.
fn faults(fetched: &FetchReport) -> Vec<SourceFault> {
    let of_source = |(_, fault): &(String, Fault)| match fault {
        Fault::Source(fault) => fault.clone(),
        other => panic!("{other}"),
    };
    fetched.failed.iter().map(of_source).collect()
}

/// The files of a folder, without the hidden ones.
fn files(folder: &std::path::Path) -> Vec<String> {
    let walk = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let files = walk.filter(|entry| entry.file_type().is_file());
    let names = files.map(|entry| {
        entry
            .path()
            .strip_prefix(folder)
            .unwrap()
            .display()
            .to_string()
    });
    names
        .filter(|name| !name.starts_with('.'))
        .map(|name| name.split_once('/').unwrap().1.to_owned())
        .collect()
}

#[tokio::test]
async fn a_site_is_followed_politely_and_fetched_again_only_where_it_changed() {
    let site = Site::default();
    site.put(
        "/robots.txt",
        "text/plain",
        "r",
        "User-agent: *\nDisallow: /secret",
    );
    site.put(
        "/",
        "text/html",
        "1",
        "<a href=/a.pdf>a</a> <a href='sub/b'>b</a> <a href=/secret/c.html>c</a> <a href=/away>d</a> \
         <a href=http://other.invalid/e>e</a> <a href=/logo.png>f</a> <a href=/hidden>g</a>",
    );
    site.put("/a.pdf", "application/pdf", "1", "%PDF-1.4 one");
    site.put("/sub/b", "text/html; charset=utf-8", "1", "<p>b</p>");
    site.put("/secret/c.html", "text/html", "1", "<p>c</p>");
    site.put(
        "/away",
        "redirect",
        "1",
        "http://169.254.169.254/latest/meta-data",
    );
    site.put("/logo.png", "image/png", "1", "png");
    site.put(
        "/hidden",
        "text/html",
        "1",
        "<meta name=robots content=noindex><p>g</p>",
    );
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let source = web(folder.path(), &format!("{address}/"));

    let first = refresh(&source).await;
    assert_eq!((first.new, first.same), (3, 0), "{first:?}");
    assert_eq!(files(folder.path()), ["a.pdf", "index.html", "sub/b.html"]);
    assert!(!site.asked().iter().any(|asked| asked.contains("secret")));
    assert_eq!(faults(&first), [SourceFault::Robots]);
    let copy = walkdir::WalkDir::new(folder.path())
        .into_iter()
        .map(Result::unwrap);
    let copy = copy
        .into_iter()
        .find(|entry| entry.file_name() == "b.html")
        .unwrap();
    let path = copy
        .path()
        .strip_prefix(folder.path())
        .unwrap()
        .display()
        .to_string();
    assert_eq!(
        mirror::addresses(&source)(&path),
        Some(format!("{address}/sub/b"))
    );

    let second = refresh(&source).await;
    assert_eq!((second.new, second.same), (0, 3));
    let asked = site.asked();
    assert!(asked.contains(&"304 /a.pdf".to_owned()), "{asked:?}");
    assert!(!asked.contains(&"200 /a.pdf".to_owned()), "{asked:?}");

    site.put("/a.pdf", "application/pdf", "2", "%PDF-1.4 two");
    site.remove("/sub/b");
    let third = refresh(&source).await;
    assert_eq!((third.new, third.same), (1, 1));
    assert_eq!(files(folder.path()), ["a.pdf", "index.html"]);
}

#[tokio::test]
async fn a_site_map_and_limits_are_followed() {
    let site = Site::default();
    let address = site.serve().await;
    let map = format!(
        "<urlset><url><loc>{address}/get?id=1</loc></url><url><loc>{address}/large.txt</loc></url>\
         <url><loc>{address}/gone</loc></url></urlset>"
    );
    site.put("/sitemap.xml", "application/xml", "1", &map);
    site.put("/get?id=1", "application/pdf", "1", "%PDF-1.4");
    site.put("/large.txt", "text/plain", "1", &"x".repeat(2 << 20));
    let folder = tempfile::tempdir().unwrap();
    let fetched = refresh(&web(folder.path(), &format!("{address}/sitemap.xml"))).await;
    assert_eq!(fetched.new, 1);
    assert_eq!(
        faults(&fetched),
        [
            SourceFault::TooLarge { max_mib: 1 },
            SourceFault::NotFound { status: 404 }
        ]
    );
    let mut source = web(folder.path(), &format!("{address}/sitemap.xml"));
    source.web.as_mut().unwrap().max_files = 1;
    assert_eq!(
        faults(&refresh(&source).await),
        [SourceFault::TooMany { max_files: 1 }]
    );
}

#[tokio::test]
async fn where_a_walk_begins_it_is_told_what_keeps_it_from_going_on() {
    let site = Site::default();
    site.put("/moved", "redirect", "1", "https://other.invalid/");
    site.put("/round", "redirect", "1", "/round");
    site.put("/closed", "refused", "1", "");
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    for (path, fault) in [
        (
            "moved#top",
            SourceFault::Elsewhere {
                address: "https://other.invalid/".to_owned(),
            },
        ),
        ("round", SourceFault::RedirectLoop),
        ("closed", SourceFault::Refused { status: 403 }),
    ] {
        let source = web(folder.path(), &format!("{address}/{path}"));
        assert_eq!(faults(&refresh(&source).await), [fault], "{path}");
    }
}

#[tokio::test]
async fn an_address_in_a_private_network_is_refused_unless_it_is_named() {
    let site = Site::default();
    site.put("/", "text/html", "1", "<p>inside</p>");
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    for start in [address.clone(), address.replace("127.0.0.1", "localhost")] {
        let mut source = web(folder.path(), &start);
        source.web.as_mut().unwrap().private.clear();
        let fetched = refresh(&source).await;
        let host = url::Url::parse(&start).unwrap();
        let host = host.host_str().unwrap().to_owned();
        assert_eq!(fetched.new, 0, "{fetched:?}");
        assert_eq!(faults(&fetched), [SourceFault::Private { host }]);
    }
    assert_eq!(site.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn what_a_site_does_not_answer_for_stays() {
    let site = Site::default();
    site.put("/", "text/html", "1", "<a href=/a.txt>a</a>");
    site.put("/a.txt", "text/plain", "1", "a note");
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(refresh(&web(folder.path(), &address)).await.new, 2);
    // Nobody listens at this port any more.
    let mut source = web(folder.path(), &address);
    source.web.as_mut().unwrap().start = vec!["http://127.0.0.1:9/".to_owned()];
    let fetched = refresh(&source).await;
    assert!(
        matches!(faults(&fetched)[..], [SourceFault::Unreachable(_)]),
        "{fetched:?}"
    );
    assert_eq!(files(folder.path()), ["a.txt", "index.html"]);
}

fn bucket(folder: &std::path::Path, endpoint: &str) -> Source {
    Source {
        name: "bucket".to_owned(),
        path: folder.to_owned(),
        collection: "bucket".to_owned(),
        bucket: Some(Bucket {
            name: "manuals".to_owned(),
            prefix: "fab1".to_owned(),
            endpoint: endpoint.to_owned(),
            region: "here".to_owned(),
            ..Bucket::default()
        }),
        ..Source::default()
    }
}

#[tokio::test]
async fn a_bucket_is_listed_and_fetched_as_it_changes() {
    let site = Site::default();
    let list = |tag: &str| {
        let object = |key: &str, tag: &str, size: u64| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;{tag}&quot;</ETag>\
                 <Size>{size}</Size></Contents>"
            )
        };
        format!(
            "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{}{}{}</ListBucketResult>",
            object("fab1/a.txt", tag, 6),
            object("fab1/.hidden.txt", "h", 6),
            object("fab1/photo.png", "p", 6),
        )
    };
    let listing = "/manuals?list-type=2&prefix=fab1%2F";
    site.put(listing, "application/xml", "", &list("1"));
    site.put("/manuals/fab1/a.txt", "text/plain", "\"1\"", "a note");
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let source = bucket(folder.path(), &address);
    let first = refresh(&source).await;
    assert_eq!(
        (first.new, first.failed.len()),
        (1, 0),
        "{first:?} {:?}",
        site.asked()
    );
    assert_eq!(
        std::fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "a note"
    );
    assert_eq!(refresh(&source).await.same, 1);
    site.put(listing, "application/xml", "", &list("2"));
    site.put("/manuals/fab1/a.txt", "text/plain", "\"2\"", "another");
    assert_eq!(refresh(&source).await.new, 1);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("a.txt")).unwrap(),
        "another"
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_bucket_is_told_apart() {
    let site = Site::default();
    let address = site.serve().await;
    let folder = tempfile::tempdir().unwrap();
    let source = bucket(folder.path(), &address);
    let look = async || faults(&refresh(&source).await);
    assert_eq!(look().await, [SourceFault::NoBucket]);

    let listing = "/manuals?list-type=2&prefix=fab1%2F";
    site.put(listing, "refused", "", "");
    site.put("/manuals/", "refused", "", "");
    assert_eq!(look().await, [SourceFault::BucketRefused]);

    let objects = ["closed", "gone"].map(|name| {
        format!(
            "<Contents><Key>fab1/{name}.txt</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>&quot;1&quot;</ETag><Size>6</Size></Contents>"
        )
    });
    let list = format!(
        "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>",
        objects.concat()
    );
    site.put(listing, "application/xml", "", &list);
    site.put("/manuals/fab1/closed.txt", "refused", "", "");
    assert_eq!(
        look().await,
        [SourceFault::ObjectRefused, SourceFault::ObjectGone]
    );
}
