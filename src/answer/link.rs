//! Links that open what an answer cites: signed, so that nobody can make one up, and expiring.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use url::Url;

use crate::clock::Clock;
use crate::domain::{Passage, PassageId};

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
pub enum Refusal {
    /// Not one of ours, or changed on the way.
    Forged,
    /// Ours, but too old.
    Expired,
}

impl Links {
    /// `base` is the address under which people reach the web server; without one, links can be checked but
    /// not made.
    #[must_use]
    pub fn new(base: Option<Url>, key: &[u8], hours: u64, clock: Clock) -> Self {
        Self {
            base,
            key: key.to_vec(),
            hours: i64::try_from(hours).unwrap_or(i64::MAX / 3600),
            clock,
        }
    }

    /// The address that opens the passage: the document's own where it has one, else a signed one of ours.
    #[must_use]
    pub fn to(&self, passage: &Passage) -> Option<String> {
        if let Some(own) = &passage.document.url {
            return Some(match &passage.page {
                Some(page) if own.contains("{page}") => {
                    own.replace("{page}", &page.number.to_string())
                }
                Some(page) if !own.contains('#') => format!("{own}#page={}", page.number),
                _ => own.clone(),
            });
        }
        let until = self.clock.now().as_second() + self.hours * 3600;
        let mut url = self.base.clone()?;
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(["source", &passage.id.0]);
        url.set_query(Some(&self.query(&passage.id, until)));
        Some(url.into())
    }

    /// The query part of a link to the passage that opens until the given Unix second.
    #[must_use]
    pub fn query(&self, id: &PassageId, until: i64) -> String {
        format!(
            "until={until}&signature={}",
            hex::encode(self.mac(id, until).finalize().into_bytes())
        )
    }

    /// Whether a link with this query may open the passage.
    ///
    /// # Errors
    /// The signature is not ours, or the time is up.
    pub fn check(&self, id: &PassageId, until: i64, signature: &str) -> Result<(), Refusal> {
        let signature = hex::decode(signature).map_err(|_| Refusal::Forged)?;
        self.mac(id, until)
            .verify_slice(&signature)
            .map_err(|_| Refusal::Forged)?;
        let end = Timestamp::from_second(until).map_err(|_| Refusal::Forged)?;
        if self.clock.now() > end {
            Err(Refusal::Expired)
        } else {
            Ok(())
        }
    }

    fn mac(&self, id: &PassageId, until: i64) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(format!("source\n{id}\n{until}").as_bytes());
        mac
    }
}
