//! The block formats of ggml, as GGUF files hold them, to and from [`super::Quantized`]: codes, scales and minima are moved,
//! never rounded, so that values are those of ggml's own dequantization to the bit, and blocks come back as they were, but
//! for those of `TQ1_0`, which become `TQ2_0`, and of MXFP4, which become `Q5_0`.

mod block;
mod read;
#[cfg(test)]
mod tests;
mod write;

use super::bits;
use super::dense::Storage;
use block::Part;

pub use read::Reading;

/// A format of blocks; `K` stands for blocks of 256 weights with two levels of scales, `IQ4` for codes that stand for
/// values of a table, `TQ` for weights of -1, 0 and 1, `MX` for scales that are powers of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names of ggml")]
pub enum BlockFormat {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ4_NL,
    IQ4_XS,
    TQ2_0,
    TQ1_0,
    MXFP4,
}

/// What a block is made of.
struct Form {
    format: BlockFormat,
    name: &'static str,
    /// The number of the format in files.
    number: u32,
    /// Weights and bytes of a block.
    weights: usize,
    bytes: usize,
    /// Of a code in memory.
    bits: u8,
    /// The code in memory for each code of a block; empty: the same.
    table: &'static [u8],
    group_size: usize,
    /// Bits of a group's integer, and the one that stands for 0; `None`: one level.
    inner: Option<(u8, u8)>,
    has_minima: bool,
    /// Of the floats of blocks.
    scales: Storage,
    /// In the order of the file.
    parts: &'static [Part],
}

/// The values of `IQ4` with 128 added.
const UNEVEN: &[u8] = &[
    1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241,
];
/// -1, 0 and 1 with 2 added; there is no fourth.
const TERNARY: &[u8] = &[1, 2, 3];
/// Twice the values of E2M1 (OCP Microscaling Formats 1.0) with 16 added.
const E2M1: &[u8] = &[16, 17, 18, 19, 20, 22, 24, 28, 16, 15, 14, 13, 12, 10, 8, 4];

const FORMS: [Form; 15] = {
    use BlockFormat::{
        IQ4_NL, IQ4_XS, MXFP4, Q2_K, Q3_K, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0, TQ1_0,
        TQ2_0,
    };
    use Part::{
        Codes, Exponent, FifthBits, Inner, Minimum, NegativeMinimum, Scale, SignedCodes,
        SignedInner, Sixes, Trits,
    };
    const HALVES: Part = Codes {
        width: 16,
        bits: 4,
        at: 0,
    };
    const NIBBLES: Part = Codes {
        width: 32,
        bits: 4,
        at: 0,
    };
    const PAIRS: Part = Codes {
        width: 32,
        bits: 2,
        at: 0,
    };
    const fn simple(format: BlockFormat, name: &'static str, number: u32, bits: u8) -> Form {
        Form {
            format,
            name,
            number,
            weights: 32,
            bytes: 0,
            bits,
            group_size: 32,
            table: &[],
            inner: None,
            has_minima: false,
            scales: Storage::F16,
            parts: &[],
        }
    }
    const fn super_block(
        format: BlockFormat,
        name: &'static str,
        number: u32,
        bits: u8,
        inner: (u8, u8),
    ) -> Form {
        Form {
            weights: 256,
            group_size: 16,
            inner: Some(inner),
            ..simple(format, name, number, bits)
        }
    }
    const fn ternary(format: BlockFormat, name: &'static str, number: u32) -> Form {
        Form {
            weights: 256,
            group_size: 256,
            table: TERNARY,
            ..simple(format, name, number, 2)
        }
    }
    [
        Form {
            bytes: 18,
            parts: &[Scale, HALVES],
            ..simple(Q4_0, "Q4_0", 2, 4)
        },
        Form {
            bytes: 20,
            has_minima: true,
            parts: &[Scale, Minimum, HALVES],
            ..simple(Q4_1, "Q4_1", 3, 4)
        },
        Form {
            bytes: 22,
            parts: &[Scale, FifthBits, HALVES],
            ..simple(Q5_0, "Q5_0", 6, 5)
        },
        Form {
            bytes: 24,
            has_minima: true,
            parts: &[Scale, Minimum, FifthBits, HALVES],
            ..simple(Q5_1, "Q5_1", 7, 5)
        },
        Form {
            bytes: 34,
            parts: &[Scale, SignedCodes],
            ..simple(Q8_0, "Q8_0", 8, 8)
        },
        Form {
            bytes: 84,
            has_minima: true,
            parts: &[
                Inner {
                    width: 16,
                    bits: 4,
                    at: 0,
                },
                PAIRS,
                Scale,
                NegativeMinimum,
            ],
            ..super_block(Q2_K, "Q2_K", 10, 2, (4, 0))
        },
        Form {
            bytes: 110,
            parts: &[
                Codes {
                    width: 32,
                    bits: 1,
                    at: 2,
                },
                PAIRS,
                Inner {
                    width: 8,
                    bits: 4,
                    at: 0,
                },
                Inner {
                    width: 4,
                    bits: 2,
                    at: 4,
                },
                Scale,
            ],
            ..super_block(Q3_K, "Q3_K", 11, 3, (6, 32))
        },
        Form {
            bytes: 144,
            group_size: 32,
            has_minima: true,
            parts: &[Scale, NegativeMinimum, Sixes, NIBBLES],
            ..super_block(Q4_K, "Q4_K", 12, 4, (6, 0))
        },
        Form {
            bytes: 176,
            group_size: 32,
            has_minima: true,
            parts: &[
                Scale,
                NegativeMinimum,
                Sixes,
                Codes {
                    width: 32,
                    bits: 1,
                    at: 4,
                },
                NIBBLES,
            ],
            ..super_block(Q5_K, "Q5_K", 13, 5, (6, 0))
        },
        Form {
            bytes: 210,
            parts: &[
                Codes {
                    width: 64,
                    bits: 4,
                    at: 0,
                },
                Codes {
                    width: 32,
                    bits: 2,
                    at: 4,
                },
                SignedInner,
                Scale,
            ],
            ..super_block(Q6_K, "Q6_K", 14, 6, (8, 128))
        },
        Form {
            bytes: 18,
            table: UNEVEN,
            parts: &[Scale, HALVES],
            ..simple(IQ4_NL, "IQ4_NL", 20, 8)
        },
        Form {
            bytes: 136,
            group_size: 32,
            table: UNEVEN,
            parts: &[
                Scale,
                Inner {
                    width: 1,
                    bits: 2,
                    at: 4,
                },
                Inner {
                    width: 1,
                    bits: 4,
                    at: 0,
                },
                HALVES,
            ],
            ..super_block(IQ4_XS, "IQ4_XS", 23, 8, (6, 32))
        },
        Form {
            bytes: 66,
            parts: &[PAIRS, Scale],
            ..ternary(TQ2_0, "TQ2_0", 35)
        },
        Form {
            bytes: 54,
            parts: &[Trits, Scale],
            ..ternary(TQ1_0, "TQ1_0", 34)
        },
        Form {
            bytes: 17,
            table: E2M1,
            scales: Storage::BF16,
            parts: &[Exponent, HALVES],
            ..simple(MXFP4, "MXFP4", 39, 5)
        },
    ]
};

impl BlockFormat {
    /// The format of a number in files; `None` when it is not one of these.
    #[must_use]
    pub fn of(number: u32) -> Option<Self> {
        let form = FORMS.iter().find(|form| form.number == number);
        form.map(|form| form.format)
    }

    /// Its number in files.
    #[must_use]
    pub fn number(self) -> u32 {
        self.form().number
    }

    /// What ggml calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.form().name
    }

    /// Weights in a block.
    #[must_use]
    pub fn weights(self) -> usize {
        self.form().weights
    }

    /// Bytes of a block.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.form().bytes
    }

    /// Bytes in memory of a matrix `[rows, cols]` of such blocks; `None` when they do not fill its rows.
    #[must_use]
    pub fn memory_bytes(self, [rows, cols]: [usize; 2]) -> Option<u64> {
        let form = self.form();
        let inner = form.inner.map_or(0, |(bits, _)| {
            bits::packed_bytes(cols / form.group_size, bits)
        });
        let numbers = (1 + usize::from(form.has_minima)) * (cols / form.weights * 2 + inner);
        let row = bits::packed_bytes(cols, form.bits) + numbers;
        cols.is_multiple_of(form.weights)
            .then_some(rows as u64 * row as u64)
    }

    fn form(self) -> &'static Form {
        &FORMS[self as usize]
    }
}

impl Form {
    fn groups(&self) -> usize {
        self.weights / self.group_size
    }

    /// The code of a block that stands for a code in memory; `None`: none does.
    fn stored(&self, code: u8) -> Option<u8> {
        if self.table.is_empty() {
            return Some(code);
        }
        let mut codes = (0..).zip(self.table);
        codes.find_map(|(stored, held)| (*held == code).then_some(stored))
    }

    /// Integers of a block: its groups' scales, and their minima.
    fn inner_len(&self) -> usize {
        match self.inner {
            None => 0,
            Some(_) if self.has_minima => 2 * self.groups(),
            Some(_) => self.groups(),
        }
    }
}
