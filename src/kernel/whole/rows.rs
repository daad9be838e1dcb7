//! What is read of eight rows of a quantized weight.

use super::super::dense::SideBySide;
use super::super::simd::{Machine, ROWS, RUN};
use super::inputs::Stretch;
use pressure_test_weight::{Layout, Offset, PerGroup, Quantized, bits, max_code};

/// What is unpacked of eight rows.
#[derive(Default)]
pub(super) struct Scratch {
    /// Codes less zero points, in column pairs.
    pub pairs: Vec<[i32; ROWS]>,
    /// Of each group.
    pub scales: Vec<[f32; ROWS]>,
    pub zero_points: Vec<[i32; ROWS]>,
    /// None where groups have zero points.
    pub minima: Vec<[f32; ROWS]>,
    /// Packed codes, where those behind them are not to be read.
    pub bytes: Vec<u8>,
    /// Sums of each stretch, where there is one token.
    pub along: Vec<[[i32; 4]; ROWS]>,
    /// Numbers of each row.
    numbers: Vec<f32>,
}

impl Scratch {
    /// Reads scales, zero points and minima of eight rows; the last row again for those behind it.
    pub fn read_groups(&mut self, machine: Machine, weight: &Quantized, first: usize) {
        let Layout { shape, bits, .. } = weight.layout();
        let groups = weight.layout().groups();
        self.numbers.resize(ROWS * groups, 0.0);
        let mut read = |from: &PerGroup, columns: &mut Vec<[f32; ROWS]>| {
            let there = ROWS.min(shape[0] - first) * groups;
            from.read_rows(first, groups, &mut self.numbers[..there]);
            for place in there..self.numbers.len() {
                self.numbers[place] = self.numbers[place - groups];
            }
            columns.resize(groups, [0.0; ROWS]);
            let values = &self.numbers;
            machine.run(SideBySide { values, columns });
        };
        read(weight.scales(), &mut self.scales);
        self.zero_points.resize(groups, [0; ROWS]);
        match weight.offset() {
            Offset::Middle => self.zero_points.fill([1 << (bits - 1); ROWS]),
            Offset::ZeroPoints(packed) => {
                let stride = bits::packed_bytes(shape[0], bits);
                let start = first * usize::from(bits) / 8;
                for (out, of_rows) in self.zero_points.iter_mut().zip(packed.chunks_exact(stride)) {
                    let mut word = [0; 8];
                    for (byte, packed) in word.iter_mut().zip(&of_rows[start..]) {
                        *byte = *packed;
                    }
                    let mut word = u64::from_le_bytes(word);
                    for zero_point in out {
                        let code = word.to_le_bytes()[0] & max_code(bits);
                        *zero_point = code.into();
                        word >>= bits;
                    }
                }
            }
            Offset::Minima(minima) => {
                self.zero_points.fill([0; ROWS]);
                read(minima, &mut self.minima);
            }
        }
    }
}

/// The packed codes of eight rows, run by run; of the last row again for those behind it.
pub(super) struct Codes<'a, const BITS: usize> {
    /// As many bytes as all runs take, and at least 16 behind the beginning of the last one.
    rows: [&'a [u8]; ROWS],
    pub runs: usize,
}

impl<'a, const BITS: usize> Codes<'a, BITS> {
    /// Bytes of a run.
    const RUN_BYTES: usize = RUN * BITS / 8;

    /// As they lie in the weight where they can be read there, else a copy.
    pub fn new(
        weight: &'a Quantized,
        first: usize,
        stretches: &[Stretch],
        copy: &'a mut Vec<u8>,
    ) -> Self {
        let [rows, cols] = weight.layout().shape;
        let stride = bits::packed_bytes(cols, weight.layout().bits);
        let runs = stretches.last().map_or(0, |last| last.runs.end);
        let needed = runs * Self::RUN_BYTES + 16;
        let all = weight.packed_codes();
        let starts: [usize; ROWS] = std::array::from_fn(|row| (first + row).min(rows - 1) * stride);
        let as_they_lie = stretches
            .iter()
            .all(|stretch| stretch.columns.start == stretch.runs.start * RUN);
        let rows = if as_they_lie && starts[ROWS - 1] + needed <= all.len() {
            starts.map(|start| &all[start..][..needed])
        } else {
            copy.clear();
            for start in starts {
                let row = &all[start..][..stride];
                for stretch in stretches {
                    for run in 0..stretch.runs.len() {
                        let bit = (stretch.columns.start + run * RUN) * BITS;
                        copy.extend_from_slice(&window(row, bit)[..Self::RUN_BYTES]);
                    }
                }
                copy.extend_from_slice(&[0; 16]);
            }
            let copy = &*copy;
            std::array::from_fn(|row| &copy[row * needed..][..needed])
        };
        Self { rows, runs }
    }

    /// One run of one row, and what lies behind it.
    #[inline(always)]
    pub fn run(&self, row: usize, run: usize) -> &[u8; 16] {
        debug_assert!(run < self.runs);
        #[expect(unsafe_code, reason = "a check in the innermost loop halves its speed")]
        // SAFETY: callers count runs of stretches, which end at `runs`, and every row has 16 bytes behind all runs.
        unsafe {
            &*self.rows[row].as_ptr().add(run * Self::RUN_BYTES).cast()
        }
    }
}

/// 16 bytes from a bit of a row on, with zeros behind its end.
fn window(row: &[u8], bit: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (byte, packed) in bytes.iter_mut().zip(&row[bit / 8..]) {
        *byte = *packed;
    }
    (u128::from_le_bytes(bytes) >> (bit % 8)).to_le_bytes()
}
