//! Links to cited passages: signed, so that they cannot be forged, and expiring.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use crate::domain::audience::Audience;
use crate::domain::passage::{Passage, PassageId};
use crate::runtime::clock::Clock;

/// Makes and checks source links.
#[derive(Clone)]
pub struct Links {
    base: Option<Url>,
    key: Vec<u8>,
    hours: i64,
    clock: Clock,
}

/// Why a source link does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError {
    /// Not signed by us, or modified.
    Forged,
    /// Signed by us, but expired.
    Expired,
}

impl Links {
    /// `base` is the public address of the web server; without one, links can be checked but not created.
    #[must_use]
    pub fn new(base: Option<Url>, key: &[u8], hours: u64, clock: Clock) -> Self {
        Self {
            base,
            key: key.to_vec(),
            hours: i64::try_from(hours).unwrap_or(i64::MAX / 3600),
            clock,
        }
    }

    /// Returns the address of the passage: that of its document if it has one, else a signed link to the source page.
    #[must_use]
    pub fn to(&self, passage: &Passage, audience: &Audience) -> Option<String> {
        if let Some(url) = &passage.document.url {
            return Some(match &passage.page {
                Some(page) if url.contains("{page}") => {
                    url.replace("{page}", &page.number.to_string())
                }
                Some(page) if !url.contains('#') => format!("{url}#page={}", page.number),
                _ => url.clone(),
            });
        }
        let until = self.clock.now().as_second() + self.hours * 3600;
        let mut url = self.base.clone()?;
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(["source", &passage.id.0]);
        url.set_query(Some(&self.query(passage, until, audience)));
        // Text pages mark the passage with this id, so that the browser scrolls to it.
        url.set_fragment(Some("cited"));
        Some(url.into())
    }

    /// The query part of a link to the passage that opens until the given Unix second, for as long as its document
    /// stays in its collection and the audience may read that.
    #[must_use]
    pub fn query(&self, passage: &Passage, until: i64, audience: &Audience) -> String {
        let collection = &passage.document.collection;
        let audience = audience.to_string();
        let signature = self.mac(&passage.id, collection, until, &audience);
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("until", &until.to_string())
            .append_pair("signature", &hex::encode(signature.finalize().into_bytes()))
            .append_pair("collection", collection)
            .append_pair("for", &audience)
            .finish()
    }

    /// Checks that a link with this query may open the passage, if its document is in that collection and its audience
    /// may read that.
    ///
    /// # Errors
    /// The signature is wrong, or the link has expired.
    pub fn check(
        &self,
        id: &PassageId,
        collection: &str,
        until: i64,
        audience: &str,
        signature: &str,
    ) -> Result<(), LinkError> {
        let signature = hex::decode(signature).map_err(|_| LinkError::Forged)?;
        self.mac(id, collection, until, audience)
            .verify_slice(&signature)
            .map_err(|_| LinkError::Forged)?;
        let end = Timestamp::from_second(until).map_err(|_| LinkError::Forged)?;
        if self.clock.now() > end {
            Err(LinkError::Expired)
        } else {
            Ok(())
        }
    }

    fn mac(&self, id: &PassageId, collection: &str, until: i64, audience: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(format!("source\n{id}\n{until}\n{audience}\n{collection}").as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::{Document, DocumentId, Format, Origin, Page};

    const HOUR: i64 = 3_600_000;

    fn links(base: &str, clock: &Clock) -> Links {
        Links::new(base.parse().ok(), b"key", 2, clock.clone())
    }

    fn clock() -> Clock {
        Clock::fixed("2025-03-01T09:00:00Z".parse().unwrap())
    }

    fn passage(url: Option<&str>, page: Option<u32>) -> Passage {
        let document = Document {
            id: DocumentId("abc".into()),
            title: "Manual".into(),
            number: None,
            revision: None,
            effective: None,
            superseded: false,
            source: "manuals".into(),
            path: "manual.pdf".into(),
            collection: "manuals".into(),
            url: url.map(Into::into),
            format: Format::Pdf,
            origin: Origin::Corpus,
        };
        Passage {
            id: PassageId("abc-1".into()),
            document,
            page: page.map(|number| Page {
                number,
                label: None,
            }),
            headings: Vec::new(),
            start: 0,
            ordinal: 0,
            text: "Open the valve.".into(),
            ocr: false,
        }
    }

    /// The checked parts of a link.
    fn parts(link: &str) -> (PassageId, i64, String) {
        let url = Url::parse(link).unwrap();
        let value = |name| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .unwrap()
                .1
                .into_owned()
        };
        let id = url.path_segments().unwrap().next_back().unwrap().to_owned();
        (
            PassageId(id),
            value("until").parse().unwrap(),
            value("signature"),
        )
    }

    #[test]
    fn a_link_opens_its_passage_until_it_expires() {
        let clock = clock();
        let links = links("https://epibot.example.com", &clock);
        let link = links
            .to(&passage(None, Some(3)), &Audience::Everyone)
            .unwrap();
        assert!(
            link.starts_with("https://epibot.example.com/source/abc-1?until="),
            "{link}"
        );
        assert!(link.ends_with("#cited"), "{link}");
        let (id, until, signature) = parts(&link);
        assert_eq!(links.check(&id, "manuals", until, "", &signature), Ok(()));
        clock.advance(2 * HOUR);
        assert_eq!(
            links.check(&id, "manuals", until, "", &signature),
            Ok(()),
            "the last second counts"
        );
        clock.advance(1000);
        assert_eq!(
            links.check(&id, "manuals", until, "", &signature),
            Err(LinkError::Expired)
        );
    }

    #[test]
    fn nothing_about_a_link_can_be_changed() {
        let clock = clock();
        let links = links("https://epibot.example.com", &clock);
        let (id, until, signature) =
            parts(&links.to(&passage(None, None), &Audience::Everyone).unwrap());
        let other = PassageId("abc-2".into());
        assert_eq!(
            links.check(&other, "manuals", until, "", &signature),
            Err(LinkError::Forged)
        );
        assert_eq!(
            links.check(&id, "manuals", until + 1, "", &signature),
            Err(LinkError::Forged)
        );
        let elsewhere = links.check(&id, "restricted", until, "", &signature);
        assert_eq!(
            elsewhere,
            Err(LinkError::Forged),
            "its collection is part of it"
        );
        let others = links.check(&id, "manuals", until, "C0123456789", &signature);
        assert_eq!(others, Err(LinkError::Forged), "so is its audience");
        let short = &signature[..signature.len() - 2];
        for forged in ["", "00", "no hexadecimal", short, &"0".repeat(64)] {
            assert_eq!(
                links.check(&id, "manuals", until, "", forged),
                Err(LinkError::Forged),
                "{forged}"
            );
        }
        let stranger = Links::new(None, b"another key", 2, clock);
        assert_eq!(
            stranger.check(&id, "manuals", until, "", &signature),
            Err(LinkError::Forged)
        );
    }

    #[test]
    fn links_of_the_version_before_still_open() {
        let links = links("", &clock());
        let id = PassageId("abc-1".into());
        for (audience, signature) in [
            (
                "",
                "5fa390a712eb914a62fbd852ecd6cbf97784e93883e17d93fe785b379cda3f13",
            ),
            (
                "C0123456789",
                "e963c2d4debf1bb8000f49535bcc41015f2c2af75b3d1176f3427b96e75a0192",
            ),
            (
                "D0123456789.U0123456789",
                "9d05113e390b6d0a0f061af5770b7312a8dd78fba19e9e7cbf6cb8f39f3a44b2",
            ),
        ] {
            let checked = links.check(&id, "manuals", 4_102_444_800, audience, signature);
            assert_eq!(checked, Ok(()), "{audience}");
        }
    }

    #[test]
    fn times_beyond_the_calendar_are_forged_even_when_signed() {
        let links = links("", &clock());
        let id = PassageId("abc-1".into());
        let query = links.query(&passage(None, None), i64::MAX, &Audience::Everyone);
        let signature = query.split(['=', '&']).nth(3).unwrap();
        let checked = links.check(&id, "manuals", i64::MAX, "", signature);
        assert_eq!(checked, Err(LinkError::Forged));
    }

    #[test]
    fn a_base_address_may_have_a_path() {
        for base in [
            "https://example.com/tools/epibot",
            "https://example.com/tools/epibot/",
        ] {
            let link = links(base, &clock())
                .to(&passage(None, None), &Audience::Everyone)
                .unwrap();
            assert!(
                link.starts_with("https://example.com/tools/epibot/source/abc-1?"),
                "{link}"
            );
        }
    }

    #[test]
    fn a_document_with_its_own_address_is_linked_there_at_its_page() {
        let links = links("https://epibot.example.com", &clock());
        for (url, page, link) in [
            ("https://dms/7", Some(3), "https://dms/7#page=3"),
            ("https://dms/7?p={page}", Some(3), "https://dms/7?p=3"),
            ("https://dms/7#top", Some(3), "https://dms/7#top"),
            ("https://dms/7", None, "https://dms/7"),
        ] {
            assert_eq!(
                links
                    .to(&passage(Some(url), page), &Audience::Everyone)
                    .as_deref(),
                Some(link),
                "{url}"
            );
        }
    }

    #[test]
    fn without_a_base_address_there_is_no_link() {
        assert_eq!(
            links("", &clock()).to(&passage(None, None), &Audience::Everyone),
            None
        );
    }
}
