//! What is asked of logits: a few numbers of each row come back.

use super::recorder::Recorder;
use super::shader::Shader;
use super::tensor::{GpuTensor, word};
use crate::error::{Error, Result};

const LOG_PROBABILITIES: Shader = Shader {
    entry: "log_probabilities",
    source: include_str!("logits.wgsl"),
    reads: &[0, 1],
    writes: &[2],
};
const LIKELIEST: Shader = Shader {
    entry: "likeliest",
    reads: &[0],
    ..LOG_PROBABILITIES
};

/// Numbers that come back for each row, before those of its targets.
const PER_ROW: usize = 4;

pub async fn log_probabilities(
    recorder: &Recorder,
    logits: &GpuTensor,
    targets: &[(u32, u32)],
) -> Result<Vec<f64>> {
    let vocab_size = logits.width;
    if let Some(&(_, token)) = targets
        .iter()
        .find(|(_, token)| *token as usize >= vocab_size)
    {
        return Err(Error::UnknownToken { token, vocab_size });
    }
    // Each row with its targets, which come by row.
    let rows: Vec<&[(u32, u32)]> = targets.chunk_by(|a, b| a.0 == b.0).collect();
    let mut plan = Vec::with_capacity(rows.len() * 3 + targets.len());
    let mut first = 0;
    for row in &rows {
        plan.extend([row[0].0, word(first), word(first + row.len())]);
        first += row.len();
    }
    plan.extend(targets.iter().map(|(_, token)| *token));
    let plan = recorder.upload(&plan)?;
    let len = rows.len() * PER_ROW + targets.len();
    let out = recorder.scratch(len)?;
    let parameters = [word(rows.len()), word(vocab_size), 0];
    let buffers = [&**logits.buffer, &*plan, &*out];
    recorder.run(&LOG_PROBABILITIES, &buffers, &parameters, rows.len());
    let found = recorder.read(&out, len).await?;
    let (sums, found) = found.split_at(rows.len() * PER_ROW);
    let mut found = found.iter().map(|bits| f64::from(f32::from_bits(*bits)));
    let mut all = Vec::with_capacity(targets.len());
    for (row, sums) in rows.iter().zip(sums.chunks_exact(PER_ROW)) {
        let [largest, sum] = [sums[0], sums[1]].map(|bits| f64::from(f32::from_bits(bits)));
        let normalizer = largest + sum.ln();
        if sums[2] != 0 || !normalizer.is_finite() {
            return Err(Error::NotANumber);
        }
        all.extend(
            found
                .by_ref()
                .take(row.len())
                .map(|logit| logit - normalizer),
        );
    }
    Ok(all)
}

pub async fn likeliest(
    recorder: &Recorder,
    logits: &GpuTensor,
    count: usize,
) -> Result<Vec<Vec<(u32, f32)>>> {
    let count = count.min(logits.width);
    if count == 0 {
        return Ok(vec![Vec::new(); logits.rows]);
    }
    let len = logits.rows * count * 2;
    let out = recorder.scratch(len)?;
    let parameters = [logits.rows, logits.width, count].map(word);
    let buffers = [&**logits.buffer, &*out];
    recorder.run(&LIKELIEST, &buffers, &parameters, logits.rows);
    let found = recorder.read(&out, len).await?;
    let row = |pairs: &[u32]| {
        let pairs = pairs.chunks_exact(2);
        let row: Vec<_> = pairs
            .map(|pair| (pair[0], f32::from_bits(pair[1])))
            .collect();
        let is_usable = row[0].0 != u32::MAX && row[0].1.is_finite();
        is_usable.then_some(row).ok_or(Error::NotANumber)
    };
    found.chunks_exact(count * 2).map(row).collect()
}
