//! What is saved, on its way to the page.

use js_sys::{Function, Uint8Array};
use std::io::{self, Write};
use wasm_bindgen::prelude::*;

/// Hands bytes over to the page in pieces of equal length.
pub(super) struct Pieces<'f> {
    on_bytes: &'f Function,
    piece: Vec<u8>,
    /// What the page answered where it did not take a piece.
    pub problem: Option<JsValue>,
}

impl<'f> Pieces<'f> {
    const LENGTH: usize = 4 << 20;

    pub fn new(on_bytes: &'f Function) -> Self {
        Self {
            on_bytes,
            piece: Vec::with_capacity(Self::LENGTH),
            problem: None,
        }
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(Self::LENGTH - self.piece.len());
        self.piece.extend(&bytes[..count]);
        if self.piece.len() == Self::LENGTH {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = Uint8Array::from(&self.piece[..]);
        self.piece.clear();
        self.on_bytes
            .call1(&JsValue::NULL, &piece)
            .map(drop)
            .map_err(|problem| {
                self.problem = Some(problem);
                io::Error::other("the page did not take it")
            })
    }
}
