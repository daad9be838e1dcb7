//! Files of the page, in every form that a worker may have them in.

use super::message;
use crate::load::{Files, Source};
use js_sys::{Array, Error, JsString, Reflect, Uint8Array};
use std::collections::BTreeMap;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FileReaderSync, FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

/// A file of the page.
pub(super) struct PageFile {
    content: Content,
    /// Bytes that can be read.
    known: u64,
    size: u64,
}

enum Content {
    Bytes(Uint8Array),
    Blob(Blob),
    Handle(FileSystemSyncAccessHandle),
}

/// The files of an array; see [`fit`](super::fit) for their form.
pub(super) fn sources(files: &Array) -> Result<BTreeMap<String, PageFile>, JsValue> {
    let mut sources = BTreeMap::new();
    for file in files.iter() {
        let name: JsString = Reflect::get(&file, &"name".into())?.dyn_into()?;
        sources.insert(name.into(), PageFile::new(&file)?);
    }
    Ok(sources)
}

impl PageFile {
    pub(super) fn new(file: &JsValue) -> Result<Self, JsValue> {
        let part = |name: &str| Reflect::get(file, &name.into());
        let content = if let Ok(bytes) = part("bytes")?.dyn_into() {
            Content::Bytes(bytes)
        } else if let Ok(blob) = part("blob")?.dyn_into() {
            Content::Blob(blob)
        } else {
            Content::Handle(part("handle")?.dyn_into()?)
        };
        let known = match &content {
            Content::Bytes(bytes) => f64::from(bytes.length()),
            Content::Blob(blob) => blob.size(),
            Content::Handle(handle) => handle.get_size()?,
        };
        let size = part("size")?.as_f64().unwrap_or(known);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lengths of files are whole numbers below 2^53"
        )]
        let [known, size] = [known, size].map(|size| size as u64);
        Ok(Self {
            content,
            known,
            size,
        })
    }

    fn fill(&self, start: u64, out: &mut [u8]) -> Result<(), JsValue> {
        let (from, to) = (start as f64, (start + out.len() as u64) as f64);
        match &self.content {
            Content::Bytes(bytes) => {
                let place = u32::try_from(start).unwrap_or(u32::MAX);
                let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
                bytes
                    .subarray(place, place.saturating_add(length))
                    .copy_to(out);
            }
            Content::Blob(blob) => {
                let slice = blob.slice_with_f64_and_f64(from, to)?;
                let buffer = FileReaderSync::new()?.read_as_array_buffer(&slice)?;
                Uint8Array::new(&buffer).copy_to(out);
            }
            Content::Handle(handle) => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at(from);
                let read = handle.read_with_u8_array_and_options(out, &options)?;
                if read != out.len() as f64 {
                    return Err(Error::new("fewer bytes came than were asked for").into());
                }
            }
        }
        Ok(())
    }
}

impl Source for PageFile {
    fn size(&self) -> Result<u64, String> {
        Ok(self.size)
    }

    fn read(&self, start: u64, out: &mut [u8]) -> Result<(), String> {
        if start.saturating_add(out.len() as u64) > self.known {
            return Err(format!("only its first {} bytes are known", self.known));
        }
        self.fill(start, out).map_err(|problem| message(&problem))
    }
}

/// The files of an array of `{name, bytes}`.
pub(super) fn contents(files: &Array) -> Result<Files, JsValue> {
    let mut contents = Files::new();
    for file in files.iter() {
        let name: JsString = Reflect::get(&file, &"name".into())?.dyn_into()?;
        let bytes: Uint8Array = Reflect::get(&file, &"bytes".into())?.dyn_into()?;
        contents.insert(name.into(), bytes.to_vec());
    }
    Ok(contents)
}
