//! Which GGUF files of a folder make one model: one file, or the parts of one that was split (`gguf-split` of
//! llama.cpp: `split.no`, `split.count` and `split.tensors.count`, and names like `model-00001-of-00003.gguf`).

use super::header::Header;
use super::keys::refused;
use super::{File, bad};
use crate::error::Result;
use serde_json::Value;
use std::collections::BTreeMap;

const NUMBER: &str = "split.no";
const COUNT: &str = "split.count";
const TENSORS: &str = "split.tensors.count";
/// More parts than these are refused.
const MOST_PARTS: u64 = 1 << 12;

/// The files of one model.
pub struct Candidate<'a> {
    /// The name of its file without the ending and the number of a part.
    pub name: String,
    /// In order.
    pub files: Vec<File<'a>>,
}

/// One of several files, and what it says of itself; `None` where that cannot be read.
struct SplitFile<'a> {
    file: File<'a>,
    about: Option<About>,
}

/// What tells of which model a file is a part. A header is large, and a folder may hold many.
struct About {
    number: Option<u64>,
    count: Option<u64>,
    is_projector: bool,
}

impl About {
    fn new(header: &Header) -> Self {
        Self {
            number: header.number(NUMBER),
            count: header.parts(),
            is_projector: header.is_projector(),
        }
    }
}

impl Header {
    /// A text of the metadata; empty where it is absent.
    pub fn text(&self, key: &str) -> &str {
        let value = self.metadata.get(key).and_then(Value::as_str);
        value.unwrap_or("")
    }

    fn number(&self, key: &str) -> Option<u64> {
        self.metadata.get(key).and_then(Value::as_u64)
    }

    /// Of how many parts it is one, where it is one of several.
    fn parts(&self) -> Option<u64> {
        self.number(COUNT).filter(|count| *count > 1)
    }

    /// Whether it makes a language model see or hear, instead of being one.
    pub fn is_projector(&self) -> bool {
        self.text("general.architecture") == "clip" || self.text("general.type") == "mmproj"
    }
}

/// The models among GGUF files; what goes with a model (`mmproj`) is passed over where there is one.
pub fn candidates<'a>(files: &[File<'a>]) -> Vec<Candidate<'a>> {
    let named = |file: &&File| file.name.to_ascii_lowercase().contains("mmproj");
    let mut kept: Vec<&File> = files.iter().filter(|file| !named(file)).collect();
    if kept.is_empty() {
        kept = files.iter().collect();
    }
    if let [file] = kept[..] {
        return vec![Candidate::new(vec![*file])];
    }
    let mut groups: BTreeMap<(String, u64), Vec<SplitFile>> = BTreeMap::new();
    for &&file in &kept {
        let about = Header::read(&file).ok();
        let about = about.map(|header| About::new(&header));
        let group = match about.as_ref().and_then(|about| about.count) {
            // Parts that were renamed are known by what they say.
            Some(count) => {
                let stem = split_name(file.name).map_or("", |(stem, ..)| stem);
                (stem.to_owned(), count)
            }
            None => (file.name.to_owned(), 1),
        };
        groups
            .entry(group)
            .or_default()
            .push(SplitFile { file, about });
    }
    let projects = |part: &SplitFile| part.about.as_ref().is_some_and(|about| about.is_projector);
    let is_model = |parts: &[SplitFile]| !parts.iter().any(projects);
    if groups.values().any(|parts| is_model(parts)) {
        groups.retain(|_, parts| is_model(parts));
    }
    let files = groups.into_values().map(|mut parts| {
        parts.sort_by_key(|part| part.about.as_ref().and_then(|about| about.number));
        parts.into_iter().map(|part| part.file).collect()
    });
    files.map(Candidate::new).collect()
}

impl<'a> Candidate<'a> {
    fn new(files: Vec<File<'a>>) -> Self {
        let name = files.first().map_or("", |file| stem(file.name));
        Self {
            name: name.to_owned(),
            files,
        }
    }

    /// One header for all files.
    pub fn header(&self) -> Result<Header> {
        let headers = self.files.iter().map(Header::read);
        let headers = headers.collect::<Result<Vec<_>>>()?;
        complete(&self.files, &headers)?;
        let mut headers = headers.into_iter().enumerate();
        let Some((_, mut whole)) = headers.next() else {
            return Err(bad(&self.name, "it has no parts".into()));
        };
        for (index, header) in headers {
            for (name, mut tensor) in header.tensors {
                tensor.part = index;
                if whole.tensors.insert(name.clone(), tensor).is_some() {
                    let problem = format!("tensor {name} is in another part too");
                    return Err(bad(self.files[index].name, problem));
                }
            }
        }
        let found = whole.tensors.len() as u64;
        match whole.number(TENSORS).filter(|_| self.files.len() > 1) {
            Some(stated) if stated != found => Err(bad(
                self.files[0].name,
                format!("its parts hold {found} tensors; it promises {stated}"),
            )),
            _ => Ok(whole),
        }
    }
}

/// An error that names the parts that are missing, or there twice.
fn complete(files: &[File], headers: &[Header]) -> Result<()> {
    let Some(count) = headers.first().and_then(Header::parts) else {
        return Ok(());
    };
    let file = files[0].name;
    if count > MOST_PARTS {
        return Err(refused(file, COUNT, &count.into()));
    }
    let numbers: Vec<Option<u64>> = headers.iter().map(|h| h.number(NUMBER)).collect();
    for (place, number) in numbers.iter().enumerate() {
        let Some(number) = number.filter(|number| *number < count) else {
            let problem = format!("it is one of {count} parts and does not say which");
            return Err(bad(files[place].name, problem));
        };
        if numbers[..place].contains(&Some(number)) {
            let problem = format!("it is part {} of {count}, which is there twice", number + 1);
            return Err(bad(files[place].name, problem));
        }
    }
    let missing: Vec<String> = (0..count)
        .filter(|number| !numbers.contains(&Some(*number)))
        .map(|number| match split_name(file) {
            Some((stem, ..)) => format!("{stem}-{:05}-of-{count:05}.gguf", number + 1),
            None => format!("part {}", number + 1),
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = match missing.len() {
        1..=8 => missing.join(", "),
        more => format!("{} and {} more", missing[..8].join(", "), more - 8),
    };
    let number = numbers[0].unwrap_or(0) + 1;
    Err(bad(
        file,
        format!(
            "it is part {number} of {count} of one model, and these are missing beside it: {missing}"
        ),
    ))
}

/// A file's name without its ending and the number of a part.
fn stem(name: &str) -> &str {
    match split_name(name) {
        Some((stem, ..)) => stem,
        None => without_ending(name),
    }
}

fn without_ending(name: &str) -> &str {
    let cut = name.len().saturating_sub(".gguf".len());
    let ends = name
        .get(cut..)
        .is_some_and(|end| end.eq_ignore_ascii_case(".gguf"));
    if ends { &name[..cut] } else { name }
}

/// `(stem, number, count)` of a name like `model-00001-of-00003.gguf`.
fn split_name(name: &str) -> Option<(&str, &str, &str)> {
    let (rest, count) = without_ending(name).rsplit_once("-of-")?;
    let (stem, number) = rest.rsplit_once('-')?;
    let five = |digits: &str| digits.len() == 5 && digits.bytes().all(|b| b.is_ascii_digit());
    (five(number) && five(count)).then_some((stem, number, count))
}

/// Whether two names are those of parts of one file.
pub fn is_beside(name: &str, other: &str) -> bool {
    match (split_name(name), split_name(other)) {
        (Some((stem, _, count)), Some((stem2, _, count2))) => (stem, count) == (stem2, count2),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_are_taken_apart() {
        assert_eq!(stem("a-b-00002-of-00003.gguf"), "a-b");
        assert_eq!(stem("a.Q4_K_M.GGUF"), "a.Q4_K_M");
        assert_eq!(stem("a-2-of-3.gguf"), "a-2-of-3");
        assert!(is_beside("a-00001-of-00003.gguf", "a-00003-of-00003.GGUF"));
        assert!(!is_beside("a-00001-of-00003.gguf", "b-00002-of-00003.gguf"));
        assert!(!is_beside("a.gguf", "a.gguf"));
    }
}
