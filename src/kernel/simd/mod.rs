//! What kernels need of a machine's SIMD: eight rows side by side, and eight whole numbers of one row. Whole numbers are
//! exact, and what is f32 is multiplied and added separately, so that every machine gives the same bits.
#![expect(
    clippy::inline_always,
    clippy::many_single_char_names,
    reason = "a function with SIMD is fast inside one that has the same SIMD, and eight rows are eight letters"
)]

mod portable;
pub(super) use portable::pair_of;
#[cfg(target_arch = "wasm32")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Rows side by side.
pub(super) const ROWS: usize = 8;

/// Columns of a run: what is unpacked and multiplied together.
pub(super) const RUN: usize = 16;

/// Column pairs of a run.
pub(super) const PAIRS: usize = RUN / 2;

/// The operations of one kind of machine.
pub(super) trait Simd: Copy {
    /// Eight 16-bit whole numbers of one row, or four f32.
    type Codes: Copy;
    /// What it takes to find codes among bytes.
    type Places: Copy;
    /// Four 32-bit sums that together are the sum of one row.
    type Along: Copy;
    /// A 32-bit whole number, or a pair of 16-bit ones, of each of eight rows.
    type Wide: Copy;
    /// An f32 of each of eight rows.
    type Real: Copy;

    /// What [`unpack`](Self::unpack) needs for codes of `BITS` bits.
    fn places<const BITS: usize>() -> Self::Places;
    /// The codes of a run in the first `2 * BITS` bytes, in the order of [`column_in_run`].
    fn unpack<const BITS: usize>(bytes: &[u8; 16], places: Self::Places) -> [Self::Codes; 2];
    /// The column pairs of a run of inputs as whole numbers of one row.
    fn run(pairs: &[i32; PAIRS]) -> [Self::Codes; 2];
    /// Each code less `value`.
    fn less(codes: Self::Codes, value: i16) -> Self::Codes;
    /// Four f32.
    fn four(values: &[f32; 4]) -> Self::Codes;
    /// Four times eight rows as four column pairs, or columns of f32, of eight rows each.
    fn side_by_side(rows: [Self::Codes; ROWS]) -> [Self::Wide; 4];

    /// Four zeros.
    fn nothing() -> Self::Along;
    /// Adds the products of eight pairs of numbers.
    fn add_along(sums: Self::Along, a: Self::Codes, b: Self::Codes) -> Self::Along;
    fn load_along(sums: &[i32; 4]) -> Self::Along;
    fn store_along(sums: Self::Along, out: &mut [i32; 4]);
    /// The whole sums, row by row.
    fn across(sums: [Self::Along; ROWS]) -> Self::Wide;

    fn zeros() -> Self::Wide;
    fn every(value: i32) -> Self::Wide;
    fn load(values: &[i32; ROWS]) -> Self::Wide;
    fn store(values: Self::Wide, out: &mut [i32; ROWS]);
    /// Adds to each 32-bit sum both products of two pairs of 16-bit numbers.
    fn add_dots(sums: Self::Wide, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// `sums - a * b`.
    fn subtract_products(sums: Self::Wide, a: Self::Wide, b: Self::Wide) -> Self::Wide;
    /// The nearest f32, ties to even.
    fn to_real(values: Self::Wide) -> Self::Real;
    /// What lies there as f32.
    fn as_real(bits: Self::Wide) -> Self::Real;

    fn every_real(value: f32) -> Self::Real;
    fn load_real(values: &[f32; ROWS]) -> Self::Real;
    fn store_real(values: Self::Real, out: &mut [f32; ROWS]);
    fn add(a: Self::Real, b: Self::Real) -> Self::Real;
    fn multiply(a: Self::Real, b: Self::Real) -> Self::Real;
}

/// Which column of a run the codes of `bits` bits have at `place`: two codes of a byte are taken apart without being put in order.
pub(super) const fn column_in_run(bits: u8, place: usize) -> usize {
    match bits {
        4 => place % PAIRS * 2 + place / PAIRS,
        _ => place,
    }
}

/// Work that any machine can do.
pub(super) trait Work {
    fn run<S: Simd>(self);
}

/// A kind of machine that this one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Plain Rust.
    #[cfg_attr(
        any(target_arch = "wasm32", target_arch = "x86_64"),
        allow(dead_code, reason = "the tests'")
    )]
    Portable,
    /// 128-bit SIMD of WebAssembly.
    #[cfg(target_arch = "wasm32")]
    Simd128,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX2, and the instruction of AVX-512 that adds products of pairs.
    #[cfg(target_arch = "x86_64")]
    Vnni,
}

impl Machine {
    /// All that this machine is, the fastest first.
    pub(super) fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "wasm32")]
        let fast = [Some(Kind::Simd128)];
        #[cfg(target_arch = "x86_64")]
        let fast = {
            let has_avx2 = is_x86_feature_detected!("avx2");
            let has_vnni =
                is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl");
            [
                (has_avx2 && has_vnni).then_some(Kind::Vnni),
                has_avx2.then_some(Kind::Avx2),
            ]
        };
        #[cfg(not(any(target_arch = "wasm32", target_arch = "x86_64")))]
        let fast: [Option<Kind>; 0] = [];
        fast.into_iter().flatten().chain([Kind::Portable]).map(Self)
    }

    /// The fastest.
    pub(super) fn best() -> Self {
        Self::available().next().unwrap_or(Self(Kind::Portable))
    }

    /// A function for each kind of work: compilers of WebAssembly run out of registers in large ones.
    #[inline(never)]
    pub(super) fn run(self, work: impl Work) {
        match self.0 {
            Kind::Portable => work.run::<portable::Portable>(),
            #[cfg(target_arch = "wasm32")]
            Kind::Simd128 => work.run::<wasm::Simd128>(),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => x86::with_avx2(work),
            #[cfg(target_arch = "x86_64")]
            Kind::Vnni => x86::with_vnni(work),
        }
    }
}

/// Outputs of blocks of eight rows, `[rows / 8, tokens, 8]`, as `[tokens, rows]`.
pub(super) fn token_by_token(blocks: Vec<[f32; ROWS]>, tokens: usize, rows: usize) -> Vec<f32> {
    if tokens == 1 {
        let mut out = blocks.into_flattened();
        out.truncate(rows);
        return out;
    }
    let mut out = vec![0.0; tokens * rows];
    for (token, row) in out.chunks_exact_mut(rows).enumerate() {
        let mut of_token = blocks.iter().skip(token).step_by(tokens);
        let (whole, rest) = row.as_chunks_mut();
        for (values, out) in of_token.clone().zip(&mut *whole) {
            *out = *values;
        }
        if let Some(last) = of_token.next_back() {
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
    out
}

/// For each of eight codes of a run, from `first` on: the two bytes that it lies in.
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64"))]
const fn windows(bits: usize, first: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    let mut i = 0;
    while i < 8 {
        #[expect(clippy::cast_possible_truncation, reason = "below 16")]
        let low = ((first + i) * bits / 8) as u8;
        bytes[2 * i] = low;
        bytes[2 * i + 1] = low + 1;
        i += 1;
    }
    bytes
}

/// What moves each of these codes to the upper end of its two bytes.
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64"))]
const fn lifts(bits: usize, first: usize) -> [u16; 8] {
    let mut factors = [0; 8];
    let mut i = 0;
    while i < 8 {
        factors[i] = 1 << (16 - bits - (first + i) * bits % 8);
        i += 1;
    }
    factors
}
