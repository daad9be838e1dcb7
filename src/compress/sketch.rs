//! What form a chain will give to weights, known before any work.

use super::Chain;
use crate::model::Model;
use crate::weight::Weight;
use std::collections::HashMap;
use std::sync::Arc;

/// The model with linear layers of the form that the chain will give them, but without values: from it, it is known
/// whether a file can hold what is to come.
#[must_use]
pub fn sketch(model: &Model, chain: &Chain) -> Model {
    let mut sketched = model.clone();
    // Layers of one shape are one.
    let mut known = HashMap::new();
    for block in &mut sketched.blocks {
        for inputs in crate::model::Inputs::ALL {
            for linear in block.reading_mut(inputs) {
                let shape = linear.weight.shape();
                let weight = known.entry(shape).or_insert_with(|| chain.form(shape));
                if let Some(weight) = weight {
                    linear.weight = Arc::clone(weight);
                }
            }
        }
    }
    if let Some(rule) = chain.tables {
        let form = |table: &Weight| Arc::new(Weight::Quantized(rule.form(table.shape())));
        let tied = model.is_tied();
        sketched.embedding = form(&model.embedding);
        sketched.head = if tied {
            Arc::clone(&sketched.embedding)
        } else {
            form(&model.head)
        };
    }
    sketched
}

impl Chain {
    /// A weight of this shape as the last method will leave it; `None` where that is not known before.
    fn form(&self, shape: [usize; 2]) -> Option<Arc<Weight>> {
        let (_, last) = self.links.last()?;
        let quantized = last.form(shape)?;
        Some(Arc::new(Weight::Quantized(quantized)))
    }
}
