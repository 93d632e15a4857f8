//! Prints the figures as tables.

use serde_json::{Value, json};

use super::Measured;
use super::subject::Subject;
use crate::cli::output::Output;
use crate::eval::calibrate;
use crate::eval::case::Granularity;
use crate::eval::reference::Reference;

/// The thresholds in the table of refusals.
const THRESHOLDS: [f32; 7] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/// Prints a row for each engine or setting, and returns the figures as JSON.
pub(super) fn ranking(
    subject: &Subject,
    measured: &[Measured],
    references: &[Reference],
    output: Output,
) -> anyhow::Result<Vec<Value>> {
    let names = measured.iter().map(|one| one.name.chars().count());
    let reference_widths = references.iter().map(|row| row.name.chars().count());
    let width = names.chain(reference_widths).max().unwrap_or(0).max(8);
    let mut documents: Vec<Value> = measured.iter().map(document).collect();
    for (name, granularity) in &subject.granularities {
        output.line(format!(
            "{name:<width$}  recall@1      @3      @5     @10   MRR@10  nDCG@10"
        ));
        for (one, document) in measured.iter().zip(&mut documents) {
            let figures = row(subject, one, *granularity, width, output)?;
            // The figures of a single granularity are merged into the rest, those of two are under their names.
            match (document, figures) {
                (Value::Object(document), Value::Object(figures))
                    if subject.granularities.len() == 1 =>
                {
                    document.extend(figures);
                }
                (document, figures) => document[*name] = figures,
            }
        }
        for row in references {
            let recall = row.recall.map(|recall| match recall {
                Some(recall) => format!("{recall:>8.3}"),
                None => format!("{:>8}", "–"),
            });
            output.line(format!("{:<width$}{}", row.name, recall.concat()));
        }
        output.line("");
    }
    output.line(format!(
        "{:<width$}  p50 ms  p95 ms  p99 ms   passages a second indexed",
        "time"
    ));
    for one in measured {
        let (latency, rate) = (one.score.answerable.latency(), one.passages_per_second);
        output.line(format!(
            "{:<width$}{:>8.1}{:>8.1}{:>8.1}{rate:>12.0}",
            one.name, latency.p50, latency.p95, latency.p99
        ));
    }
    Ok(documents)
}

fn document(one: &Measured) -> Value {
    json!({
        "engine": one.engine.name(),
        "name": one.name,
        "queries": one.score.answerable.evidence().len(),
        "latency_ms": one.score.answerable.latency(),
        "passages_per_second": one.passages_per_second,
    })
}

fn row(
    subject: &Subject,
    one: &Measured,
    granularity: Granularity,
    width: usize,
    output: Output,
) -> anyhow::Result<Value> {
    let ranking = one.score.answerable.ranking(&subject.cases, granularity);
    let recall = ranking.recall.values();
    let recall: Vec<String> = recall.map(|value| format!("{value:>8.3}")).collect();
    output.line(format!(
        "{:<width$}{}{:>9.3}{:>9.3}",
        one.name,
        recall.concat(),
        ranking.mrr10,
        ranking.ndcg10
    ));
    Ok(serde_json::to_value(&ranking)?)
}

/// Prints the questions that find nothing right among the first five.
pub(super) fn misses(subject: &Subject, measured: &[Measured], output: Output) {
    let Some((_, granularity)) = subject.granularities.last() else {
        return;
    };
    for one in measured {
        output.line(format!("\nnot among the first 5, {}:", one.name));
        for question in one.score.answerable.missed(&subject.cases, *granularity, 5) {
            output.line(format!("  {question}"));
        }
    }
}

/// Prints the share of questions that is refused at each threshold, and which threshold is best.
pub(super) fn refusals(one: &Measured, output: Output) -> Option<Value> {
    let unanswerable = one.score.unanswerable.as_ref()?;
    let (with, without) = (one.score.answerable.evidence(), unanswerable.evidence());
    let shown = |name: &str, refusals: &calibrate::Refusals| {
        output.line(format!(
            "{name:<12}{:>6.2}{:>26.3}{:>14.3}",
            refusals.min_evidence, refusals.with_an_answer, refusals.without_one
        ));
    };
    output.line(format!(
        "\n{}: {} questions with an answer, {} without",
        one.name,
        with.len(),
        without.len()
    ));
    output.line("      min_evidence   refused: with an answer   without one");
    for threshold in THRESHOLDS {
        shown("", &calibrate::refusals(with, without, threshold));
    }
    let configured = calibrate::refusals(with, without, one.score.min_evidence);
    let best = calibrate::best(with, without);
    shown("configured", &configured);
    shown("best", &best);
    let similarity = [with, without].map(calibrate::similarity_quantiles);
    if let [Some(with), Some(without)] = similarity {
        output.line("\nsimilarity of the nearest passage (embeddings.min_similarity): 10 %, 50 % and 90 % quantile");
        for (name, quantiles) in [("with an answer", with), ("without one", without)] {
            output.line(format!(
                "{name:<16}{:>8.3}{:>8.3}{:>8.3}",
                quantiles.tenth, quantiles.median, quantiles.ninth_tenth
            ));
        }
    }
    Some(json!({
        "configured": configured,
        "best": best,
        "likeness": { "with_an_answer": similarity[0], "without_one": similarity[1] },
    }))
}
