//! One block of a format, taken apart and put together (`ggml-quants.c` of ggml; `gguf/quants.py` of its Python package).

/// A part of a block's bytes. Codes and integers below 8 bits lie in runs of `width` bytes: each byte holds `bits` bits,
/// which are put at bit `at`, of every `width`-th of them, the first lowest.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// What all scales, or all values, are multiplied by.
    Scale,
    /// What is added.
    Minimum,
    /// The same with the other sign.
    NegativeMinimum,
    Codes {
        width: usize,
        bits: u8,
        at: u8,
    },
    /// The fifth bit of each code, in their order.
    FifthBits,
    /// Codes of 8 bits less 128.
    SignedCodes,
    /// The scales of groups, then their minima.
    Inner {
        width: usize,
        bits: u8,
        at: u8,
    },
    /// The scales of groups in 8 bits less 128.
    SignedInner,
    /// Eight scales and eight minima of 6 bits.
    Sixes,
    /// What all values are multiplied by: half of the power of two with this exponent, as bf16. It is read only.
    Exponent,
    /// Codes of 0 to 2, five in a byte and four in each of the last four: a byte is a fraction in base 3, rounded up. They
    /// are read only.
    Trits,
}

/// A block: floats, the integers of its groups, and the codes of its weights.
#[derive(Debug, Clone)]
pub struct Block {
    /// Little-endian, as are all of its floats.
    pub scale: [u8; 2],
    /// 0 where the format has none.
    pub minimum: [u8; 2],
    /// The scales of its groups, then their minima; as many as the format has.
    pub inner: [u8; 32],
    /// As many as the format has weights.
    pub codes: [u8; 256],
}

impl Block {
    pub fn empty() -> Self {
        Self {
            scale: [0; 2],
            minimum: [0; 2],
            inner: [0; 32],
            codes: [0; 256],
        }
    }

    /// Takes apart the bytes of a block of `weights` weights and `inner` integers.
    pub fn read(&mut self, parts: &[Part], weights: usize, inner: usize, bytes: &[u8]) {
        let (codes, inner) = (&mut self.codes[..weights], &mut self.inner[..inner]);
        codes.fill(0);
        inner.fill(0);
        let mut rest = bytes;
        let mut take = |len: usize| {
            let (taken, left) = rest.split_at(len);
            rest = left;
            taken
        };
        let half = |bytes: &[u8]| [bytes[0], bytes[1]];
        for part in parts {
            match *part {
                Part::Scale => self.scale = half(take(2)),
                Part::Minimum => self.minimum = half(take(2)),
                Part::NegativeMinimum => self.minimum = negative(half(take(2))),
                Part::Codes { width, bits, at } => {
                    spread(take(bytes_of(codes, bits)), width, bits, at, codes);
                }
                Part::FifthBits => {
                    let bytes = take(bytes_of(codes, 1));
                    for (i, code) in codes.iter_mut().enumerate() {
                        *code |= (bytes[i / 8] >> (i % 8) & 1) << 4;
                    }
                }
                Part::SignedCodes => signed(take(codes.len()), codes),
                Part::Inner { width, bits, at } => {
                    spread(take(bytes_of(inner, bits)), width, bits, at, inner);
                }
                Part::SignedInner => signed(take(inner.len()), inner),
                Part::Sixes => {
                    let bytes = take(12);
                    for i in 0..4 {
                        let (scale, minimum, low) = (bytes[i], bytes[4 + i], bytes[8 + i]);
                        inner[i] = scale & 63;
                        inner[4 + i] = low & 15 | scale >> 6 << 4;
                        inner[8 + i] = minimum & 63;
                        inner[12 + i] = low >> 4 | minimum >> 6 << 4;
                    }
                }
                Part::Exponent => {
                    // The last two are below what is normal.
                    let bits = match u16::from(take(1)[0]) {
                        exponent @ ..2 => 0x20 << exponent,
                        exponent => (exponent - 1) << 7,
                    };
                    self.scale = bits.to_le_bytes();
                }
                Part::Trits => {
                    let (mut bytes, mut rest) = (take(52), &mut *codes);
                    for (width, digits) in [(32, 5), (16, 5), (4, 4)] {
                        let (run, others) = bytes.split_at(width);
                        let (now, later) = rest.split_at_mut(width * digits);
                        trits(run, now);
                        (bytes, rest) = (others, later);
                    }
                }
            }
        }
    }

    /// Appends the bytes of a block of `weights` weights and `inner` integers.
    pub fn write(&self, parts: &[Part], weights: usize, inner: usize, out: &mut Vec<u8>) {
        let (codes, inner) = (&self.codes[..weights], &self.inner[..inner]);
        for part in parts {
            match *part {
                Part::Scale => out.extend(self.scale),
                Part::Minimum => out.extend(self.minimum),
                Part::NegativeMinimum => out.extend(negative(self.minimum)),
                Part::Codes { width, bits, at } => gather(codes, width, bits, at, out),
                Part::FifthBits => out.extend(codes.chunks_exact(8).map(|codes| {
                    let bits = codes.iter().rev();
                    bits.fold(0, |byte, code| byte << 1 | code >> 4 & 1)
                })),
                Part::SignedCodes => out.extend(codes.iter().map(|code| code ^ 0x80)),
                Part::Inner { width, bits, at } => gather(inner, width, bits, at, out),
                Part::SignedInner => out.extend(inner.iter().map(|inner| inner ^ 0x80)),
                Part::Sixes => {
                    out.extend((0..4).map(|i| inner[i] | inner[4 + i] >> 4 << 6));
                    out.extend((8..12).map(|i| inner[i] | inner[4 + i] >> 4 << 6));
                    out.extend((4..8).map(|i| inner[i] & 15 | inner[8 + i] << 4));
                }
                Part::Exponent | Part::Trits => {}
            }
        }
    }
}

/// A float with the other sign.
fn negative([low, high]: [u8; 2]) -> [u8; 2] {
    [low, high ^ 0x80]
}

/// The digits of bytes, the first ones of all bytes first.
fn trits(bytes: &[u8], values: &mut [u8]) {
    for (i, byte) in bytes.iter().enumerate() {
        let mut rest = *byte;
        for value in values[i..].iter_mut().step_by(bytes.len()) {
            [rest, *value] = (u16::from(rest) * 3).to_le_bytes();
        }
    }
}

/// Bytes that `bits` bits of each value take.
fn bytes_of(values: &[u8], bits: u8) -> usize {
    values.len() * usize::from(bits) / 8
}

fn signed(bytes: &[u8], values: &mut [u8]) {
    for (value, byte) in values.iter_mut().zip(bytes) {
        *value = byte ^ 0x80;
    }
}

fn spread(bytes: &[u8], width: usize, bits: u8, at: u8, values: &mut [u8]) {
    let runs = values.chunks_exact_mut(width * usize::from(8 / bits));
    for (bytes, run) in bytes.chunks_exact(width).zip(runs) {
        for (shift, values) in (0..8).step_by(bits.into()).zip(run.chunks_exact_mut(width)) {
            for (value, byte) in values.iter_mut().zip(bytes) {
                *value |= (byte >> shift & mask(bits)) << at;
            }
        }
    }
}

fn gather(values: &[u8], width: usize, bits: u8, at: u8, out: &mut Vec<u8>) {
    for run in values.chunks_exact(width * usize::from(8 / bits)) {
        out.extend((0..width).map(|i| {
            let values = run[i..].iter().step_by(width);
            let values = values.zip((0..8u8).step_by(bits.into()));
            values.fold(0, |byte, (value, shift)| {
                byte | (value >> at & mask(bits)) << shift
            })
        }));
    }
}

fn mask(bits: u8) -> u8 {
    0xff >> (8 - bits)
}
