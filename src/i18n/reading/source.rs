//! What is said of sources of documents that could not be had, or not whole.

use std::fmt;

use crate::domain::fault::SourceFault;
use crate::domain::language::Language;
use crate::domain::language::Language::{English, Korean};
use crate::i18n::particle::{Particle, with};

/// Why a source, or something in it, could not be had, and what to do about it.
#[must_use]
pub fn fault(language: Language, fault: &SourceFault) -> String {
    match language {
        Korean => korean(fault),
        English => english(fault),
    }
}

impl fmt::Display for SourceFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&fault(English, self))
    }
}

fn korean(fault: &SourceFault) -> String {
    match fault {
        SourceFault::NoSources => {
            "문서 폴더가 설정되어 있지 않습니다. 설정에 name, path, collection을 적은 [[sources]] 항목을 추가해 주십시오".to_owned()
        }
        SourceFault::Unknown { source, known } => format!(
            "{} 소스가 없습니다. 설정된 소스: {known}",
            with(&format!("\"{source}\""), Particle::Named)
        ),
        SourceFault::NoFolder { source, folder, error } => format!(
            "소스 \"{source}\"의 폴더 {} 열 수 없습니다. 폴더를 만들거나 sources.path를 고쳐 주십시오: {error}",
            with(folder, Particle::Object)
        ),
        SourceFault::NotAFolder { source, folder } => format!(
            "소스 \"{source}\"의 {} 폴더가 아니라 파일입니다. sources.path에는 그 파일이 들어 있는 폴더를 적어 주십시오",
            with(folder, Particle::Topic)
        ),
        SourceFault::Emptied { source, folder, indexed } => format!(
            "소스 \"{source}\"의 폴더 {folder}에 문서가 없는데 색인에는 {indexed}건이 있습니다. 디스크가 연결되어 있는지 확인하시고, 정말 모두 지운 것이면 `epibot reindex --full`을 실행하거나 Slack에서 색인 명령에 full을 붙여 주십시오"
        ),
        SourceFault::NoDocuments { folders, others } => {
            let others = match others {
                0 => String::new(),
                _ => format!("(다른 종류의 파일은 {others}개 있습니다)"),
            };
            format!(
                "{folders}에 문서가 없습니다{others}. PDF, Office, 한글, Markdown, HTML 또는 텍스트 파일을 넣거나 sources.path를 고쳐 주십시오"
            )
        }
        SourceFault::Robots => {
            "사이트의 robots.txt가 자동 수집을 허용하지 않습니다. 필요한 문서이면 사이트 관리자에게 epibot을 허용해 달라고 요청해 주십시오".to_owned()
        }
        SourceFault::Private { host } => format!(
            "{} 사설망에 있어 접속하지 않았습니다. 의도한 곳이면 sources.web.private에 적어 주십시오",
            with(host, Particle::Topic)
        ),
        SourceFault::Elsewhere { address } => format!(
            "다른 사이트인 {} 넘어갑니다. 그 사이트를 읽으려면 sources.web.start에 적어 주십시오",
            with(address, Particle::To)
        ),
        SourceFault::NotFound { status } => format!(
            "사이트에 없는 주소입니다(HTTP {status}). 이 주소를 가리키는 링크나 sources.web.start를 고쳐 주십시오"
        ),
        SourceFault::Refused { status } => format!(
            "사이트가 접근을 거부했습니다(HTTP {status}). 로그인이 필요한 페이지는 가져오지 않으니, 사본을 폴더에 넣거나 접근을 허용해 주십시오"
        ),
        SourceFault::Failing { status } => format!(
            "사이트가 오류로 응답했습니다(HTTP {status}). 다음 색인 때 다시 시도하며, 그때까지 먼저 가져온 사본을 그대로 씁니다"
        ),
        SourceFault::TooLarge { max_mib } => format!(
            "한도인 {max_mib} MiB보다 커서 가져오지 않았습니다. 필요하면 sources.web.max_file_mb를 늘려 주십시오"
        ),
        SourceFault::TooMany { max_files } => format!(
            "파일을 {max_files}개까지만 가져왔습니다. 나머지도 필요하면 sources.web.max_files를 늘려 주십시오"
        ),
        SourceFault::RedirectLoop => {
            "주소가 서로를 가리키며 계속 넘어갑니다. 사이트 관리자에게 알려 주십시오".to_owned()
        }
        SourceFault::TimedOut => {
            "서버가 제때 응답하지 않았습니다. 다음 색인 때 다시 시도하며, 그때까지 먼저 가져온 사본을 그대로 씁니다".to_owned()
        }
        SourceFault::Unreachable(error) => {
            format!("접속할 수 없습니다. 주소와 네트워크를 확인해 주십시오: {error}")
        }
        SourceFault::ConnectionClosed(error) => {
            format!("받는 도중에 연결이 끊겼습니다. 다음 색인 때 다시 시도합니다: {error}")
        }
        SourceFault::NoBucket => {
            "그런 버킷이 없습니다. sources.bucket의 name과 endpoint를 고쳐 주십시오".to_owned()
        }
        SourceFault::BucketRefused => {
            "버킷의 목록을 볼 권한이 없습니다. 목록과 내용을 읽을 수 있는 키를 sources.bucket의 access_key와 secret_key에 적어 주십시오".to_owned()
        }
        SourceFault::BucketUnreachable(error) => {
            format!("버킷의 목록을 가져올 수 없습니다. sources.bucket.endpoint와 네트워크를 확인해 주십시오: {error}")
        }
        SourceFault::ObjectRefused => {
            "버킷에서 이 파일을 읽을 권한이 없습니다. sources.bucket의 키에 읽기 권한을 주십시오".to_owned()
        }
        SourceFault::ObjectGone => {
            "목록을 읽는 동안 버킷에서 사라졌습니다. 다음 색인 때 다시 확인합니다".to_owned()
        }
    }
}

fn english(fault: &SourceFault) -> String {
    match fault {
        SourceFault::NoSources => {
            "no folder of documents is configured; add a [[sources]] block with its name, path and collection".to_owned()
        }
        SourceFault::Unknown { source, known } => {
            format!("there is no source \"{source}\"; the configured ones are: {known}")
        }
        SourceFault::NoFolder { source, folder, error } => format!(
            "the folder {folder} of source \"{source}\" cannot be opened; create it or correct sources.path: {error}"
        ),
        SourceFault::NotAFolder { source, folder } => format!(
            "{folder} of source \"{source}\" is a file; sources.path must name the folder around it"
        ),
        SourceFault::Emptied { source, folder, indexed } => format!(
            "the folder {folder} of source \"{source}\" holds no documents, but {indexed} of it are indexed; see whether its disk is mounted, and if they are really gone, run `epibot reindex --full`, or the command in Slack with full"
        ),
        SourceFault::NoDocuments { folders, others } => {
            let others = match others {
                0 => String::new(),
                _ => format!(" ({others} files of other kinds are there)"),
            };
            format!(
                "there are no documents in {folders}{others}; put PDF, Office, Hangul, Markdown, HTML or text files there, or correct sources.path"
            )
        }
        SourceFault::Robots => {
            "the site's robots.txt asks robots to leave it alone; if it is needed, ask who runs the site to allow epibot".to_owned()
        }
        SourceFault::Private { host } => format!(
            "{host} lies in a private network; name it in sources.web.private if it is meant"
        ),
        SourceFault::Elsewhere { address } => format!(
            "it leads to another site, {address}; write that in sources.web.start if it is meant"
        ),
        SourceFault::NotFound { status } => format!(
            "the site has nothing there (HTTP {status}); correct the link that leads to it, or sources.web.start"
        ),
        SourceFault::Refused { status } => format!(
            "the site refuses it (HTTP {status}); what needs a login is not fetched, so put a copy into a folder or have it opened"
        ),
        SourceFault::Failing { status } => format!(
            "the site answers with an error (HTTP {status}); the next run tries again, and a copy from before stays until then"
        ),
        SourceFault::TooLarge { max_mib } => format!(
            "it has more than the {max_mib} MiB that are fetched; raise sources.web.max_file_mb if it is needed"
        ),
        SourceFault::TooMany { max_files } => format!(
            "only {max_files} files were fetched; raise sources.web.max_files if the rest is needed"
        ),
        SourceFault::RedirectLoop => {
            "it redirects in a circle; tell who runs the site".to_owned()
        }
        SourceFault::TimedOut => {
            "the server did not answer in time; the next run tries again, and a copy from before stays until then".to_owned()
        }
        SourceFault::Unreachable(error) => {
            format!("it cannot be reached; see to its address and the network: {error}")
        }
        SourceFault::ConnectionClosed(error) => {
            format!("the connection broke off; the next run tries again: {error}")
        }
        SourceFault::NoBucket => {
            "there is no such bucket; correct name and endpoint of sources.bucket".to_owned()
        }
        SourceFault::BucketRefused => {
            "the bucket may not be listed; give access_key and secret_key of sources.bucket that may list and read it".to_owned()
        }
        SourceFault::BucketUnreachable(error) => {
            format!("the bucket cannot be listed; see to sources.bucket.endpoint and the network: {error}")
        }
        SourceFault::ObjectRefused => {
            "the bucket refuses to hand it out; give the key of sources.bucket the right to read it".to_owned()
        }
        SourceFault::ObjectGone => {
            "it went from the bucket while that was read; the next run looks again".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::phrase::in_both;

    #[test]
    fn every_sentence_of_both_languages() {
        let source = || "manuals".to_owned();
        let folder = || "/srv/manuals".to_owned();
        let error = || "connection refused".to_owned();
        let faults = [
            SourceFault::NoSources,
            SourceFault::Unknown {
                source: "manual".to_owned(),
                known: "manuals, sops".to_owned(),
            },
            SourceFault::NoFolder {
                source: source(),
                folder: folder(),
                error: "no such file".to_owned(),
            },
            SourceFault::NotAFolder {
                source: source(),
                folder: folder(),
            },
            SourceFault::Emptied {
                source: source(),
                folder: folder(),
                indexed: 12,
            },
            SourceFault::NoDocuments {
                folders: folder(),
                others: 0,
            },
            SourceFault::NoDocuments {
                folders: folder(),
                others: 3,
            },
            SourceFault::Robots,
            SourceFault::Private {
                host: "wiki.fab".to_owned(),
            },
            SourceFault::Elsewhere {
                address: "https://other.example/".to_owned(),
            },
            SourceFault::NotFound { status: 404 },
            SourceFault::Refused { status: 403 },
            SourceFault::Failing { status: 503 },
            SourceFault::TooLarge { max_mib: 50 },
            SourceFault::TooMany { max_files: 1_000 },
            SourceFault::RedirectLoop,
            SourceFault::TimedOut,
            SourceFault::Unreachable(error()),
            SourceFault::ConnectionClosed(error()),
            SourceFault::NoBucket,
            SourceFault::BucketRefused,
            SourceFault::BucketUnreachable(error()),
            SourceFault::ObjectRefused,
            SourceFault::ObjectGone,
        ];
        let said = in_both(|language| faults.iter().map(|one| fault(language, one)).collect());
        insta::assert_snapshot!(said);
    }
}
