//! The pipelines that read weights of one form.

use super::flat;
use super::form::Form;
use super::pipelines::Pipeline;
use super::shader::{self, FEW_ROWS, FEW_TOKENS, TILES};
use std::sync::OnceLock;
use wgpu::Device;

/// Made when they are first used.
#[derive(Debug)]
pub(super) struct FormPipelines {
    form: Form,
    few: [OnceLock<Pipeline>; FEW_TOKENS.len()],
    tiled: [OnceLock<Pipeline>; TILES.len()],
    rows: [OnceLock<Pipeline>; 2],
}

impl FormPipelines {
    pub fn new(form: Form) -> Self {
        Self {
            form,
            few: Default::default(),
            tiled: Default::default(),
            rows: Default::default(),
        }
    }

    pub fn form(&self) -> Form {
        self.form
    }

    /// What multiplies `rows` rows with a few tokens, and its workgroups.
    pub fn few(&self, device: &Device, n: usize, rows: usize) -> (&Pipeline, [usize; 3]) {
        let i = FEW_TOKENS.iter().position(|&tokens| tokens >= n);
        let i = i.unwrap_or(FEW_TOKENS.len() - 1);
        let tokens = FEW_TOKENS[i];
        let [x, y, _] = flat(rows, 2 * FEW_ROWS);
        let new = || Pipeline::new(device, "few", &shader::few(self.form, tokens));
        (self.few[i].get_or_init(new), [x, y, n.div_ceil(tokens)])
    }

    /// What multiplies `rows` rows with many tokens, and its workgroups: at least `busy`, or small ones.
    pub fn tiled(
        &self,
        device: &Device,
        n: usize,
        rows: usize,
        busy: usize,
    ) -> (&Pipeline, [usize; 3]) {
        let groups = |tile: usize| [n.div_ceil(tile), rows.div_ceil(tile), 1];
        let is_busy = |&tile: &usize| groups(tile)[0] * groups(tile)[1] >= busy;
        let i = TILES.iter().rposition(is_busy).unwrap_or(0);
        let tile = TILES[i];
        let new = || Pipeline::new(device, "tiled", &shader::tiled(self.form, tile));
        (self.tiled[i].get_or_init(new), groups(tile))
    }

    /// What reads rows by their numbers.
    pub fn rows(&self, device: &Device, placed: bool) -> &Pipeline {
        let new = || Pipeline::new(device, "rows", &shader::rows(self.form, placed));
        self.rows[usize::from(placed)].get_or_init(new)
    }
}
