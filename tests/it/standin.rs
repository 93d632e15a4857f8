use async_trait::async_trait;
use epibot::domain::*;
use epibot::index::*;
use std::sync::{Arc, Mutex};
#[derive(Default)]
struct StandIn(Mutex<Vec<Passage>>);
fn terms(text: &str) -> Vec<String> {
    let stop = [
        "the", "is", "a", "of", "and", "for", "how", "on", "to", "in", "who", "what", "when",
        "many",
    ];
    let mut out: Vec<String> = Vec::new();
    for w in text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != '-')
    {
        if w.is_empty() || stop.contains(&w) {
            continue;
        }
        let l: Vec<char> = w.chars().collect();
        if l.iter().any(|c| is_hangul(*c)) {
            for p in l.windows(2) {
                out.push(p.iter().collect());
            }
        } else {
            out.push(
                w.trim_end_matches("ed")
                    .trim_end_matches('d')
                    .trim_end_matches('e')
                    .to_owned(),
            );
        }
    }
    out.sort();
    out.dedup();
    out
}
#[async_trait]
impl Index for StandIn {
    async fn search(&self, q: &Query<'_>) -> anyhow::Result<Found> {
        let t = terms(q.text);
        let mut hits: Vec<Hit> = self
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|p| q.access.allows(&p.document.collection))
            .map(|p| {
                let have = terms(&format!(
                    "{} {} {}",
                    p.document.title,
                    p.headings.join(" "),
                    p.text
                ));
                let n = t.iter().filter(|x| have.contains(x)).count();
                Hit {
                    passage: p.clone(),
                    score: n as f32,
                    exact: t.iter().any(|x| x.starts_with("e-") && have.contains(x)),
                }
            })
            .filter(|h| h.score > 0.0)
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(q.limit);
        let coverage = hits.first().map_or(0.0, |h| h.score / t.len() as f32);
        Ok(Found { hits, coverage })
    }
    async fn passage(&self, id: &PassageId, a: &Access) -> anyhow::Result<Option<Passage>> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .iter()
            .find(|p| p.id == *id && a.allows(&p.document.collection))
            .cloned())
    }
    async fn apply(&self, c: Changes) -> anyhow::Result<()> {
        self.0.lock().unwrap().extend(c.add);
        Ok(())
    }
    async fn clear(&self) -> anyhow::Result<()> {
        self.0.lock().unwrap().clear();
        Ok(())
    }
    async fn size(&self) -> anyhow::Result<u64> {
        Ok(self.0.lock().unwrap().len() as u64)
    }
}
pub(crate) async fn index() -> Arc<dyn Index> {
    Arc::new(StandIn::default())
}
