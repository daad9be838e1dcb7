//! What form a chain will give to weights, known before any work.

use super::{Chain, MethodKind};
use crate::model::Model;
use crate::weight::{Grid, Layout, Quantized, Storage, Weight};
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
    if chain.tables.is_some() {
        let mut table = |table: &mut Arc<Weight>| {
            let shape = table.shape();
            let weight = known.entry(shape).or_insert_with(|| chain.form(shape));
            if let Some(weight) = weight {
                *table = Arc::clone(weight);
            }
        };
        table(&mut sketched.embedding);
        table(&mut sketched.head);
    }
    sketched
}

impl Chain {
    /// A quantized weight of this shape as its settings say; `None` where weights are not quantized last.
    fn form(&self, shape: [usize; 2]) -> Option<Arc<Weight>> {
        let (last, _) = self.links.last()?;
        if last.kind == MethodKind::Pruning {
            return None;
        }
        let number = |name: &str| self.settings[name].as_u64();
        let group_size = number("group_size").and_then(|size| usize::try_from(size).ok());
        let layout = Layout {
            shape,
            bits: u8::try_from(number("bits")?).ok()?,
            group_size: group_size.unwrap_or(shape[1]).max(1),
            symmetric: self.settings["symmetric"] == true,
            scales: Storage::F16,
        };
        let grid = Grid::new(1.0, 0, layout.bits);
        let grids = vec![grid; shape[0] * layout.groups()];
        let codes = vec![0; shape[0] * shape[1]];
        let quantized = Quantized::new(layout, &grids, &codes);
        let is_ordered = self
            .settings
            .get("static_groups")
            .is_some_and(|own| own == false)
            && self.settings["column_order"] == "activation";
        let order = is_ordered.then(|| (0..u32::try_from(shape[1]).unwrap_or(0)).collect());
        let quantized = quantized.with_column_order(order);
        Some(Arc::new(Weight::Quantized(quantized)))
    }
}
