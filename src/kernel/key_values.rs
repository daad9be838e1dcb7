//! Keys and values of the tokens so far, in the forms that attention reads.

/// Slots whose keys lie side by side.
pub(super) const SIDE: usize = 8;

/// Keys and values of one block of a model, a slot for each token; or values alone, where nothing looks for keys.
#[derive(Debug, Clone)]
pub struct KeyValues {
    width: usize,
    slots: usize,
    /// Of eight slots after the other, `[width, 8]`: dimension by dimension.
    keys: Vec<[f32; SIDE]>,
    /// `[slots, width]`.
    values: Vec<f32>,
}

impl KeyValues {
    /// No slot yet, for keys and values of `width` numbers each.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            width,
            slots: 0,
            keys: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Puts keys and values, `[n, width]` each, into the next `n` slots; always both, or always values alone.
    ///
    /// # Panics
    /// When there are not as many keys as values.
    pub fn append(&mut self, keys: Option<&[f32]>, values: &[f32]) {
        if let Some(keys) = keys {
            assert_eq!(keys.len(), values.len(), "as many keys as values");
            self.append_keys(keys);
        }
        self.values.extend_from_slice(values);
        self.slots += values.len() / self.width.max(1);
    }

    fn append_keys(&mut self, keys: &[f32]) {
        for (slot, key) in (self.slots..).zip(keys.chunks_exact(self.width)) {
            let (block, side) = (slot / SIDE, slot % SIDE);
            if side == 0 {
                self.keys.resize((block + 1) * self.width, [0.0; SIDE]);
            }
            for (side_by_side, key) in self.keys[block * self.width..].iter_mut().zip(key) {
                side_by_side[side] = *key;
            }
        }
    }

    /// Forgets all but the first `slots` slots.
    pub fn truncate(&mut self, slots: usize) {
        self.slots = self.slots.min(slots);
        self.keys.truncate(self.slots.div_ceil(SIDE) * self.width);
        self.values.truncate(self.slots * self.width);
    }

    /// Numbers of a slot.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many slots there are.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Dimensions `first..first + width` of the keys of eight slots.
    pub(super) fn keys(&self, block: usize, first: usize, width: usize) -> &[[f32; SIDE]] {
        &self.keys[block * self.width + first..][..width]
    }

    /// The same dimensions of the value of one slot.
    pub(super) fn value(&self, slot: usize, first: usize, width: usize) -> &[f32] {
        &self.values[slot * self.width + first..][..width]
    }
}
