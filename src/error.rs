//! The one error type. Every message is a sentence for the reader of the page: what, where, what was
//! expected, what came, and what to do next where that is known.

/// Anything that can go wrong, grouped by stage.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Load
    /// A file that a model folder must have is not there.
    #[error(
        "{file} is missing: a model folder holds config.json, model.safetensors and tokenizer.json, or one GGUF file; this \
         one {found}."
    )]
    MissingFile { file: &'static str, found: String },
    /// Weights in files of another kind.
    #[error(
        "{found} holds weights in a form that is not read here: take the safetensors files of this model, or a GGUF file."
    )]
    ForeignWeights { found: String },
    /// Weights quantized in a way that is not read.
    #[error(
        "this model is quantized {how}, which is not read here: take the folder of the model before it was quantized, or a \
         GGUF file of it."
    )]
    Quantized { how: String },
    /// Fewer bytes than the file's own header promises.
    #[error(
        "{file} is cut off: its header promises {expected} bytes, {actual} are there. Load or download it again."
    )]
    Truncated {
        file: String,
        expected: u64,
        actual: u64,
    },
    /// A header that contradicts itself.
    #[error("{file} is not a usable file: {problem}.")]
    BadFile { file: String, problem: String },
    /// Several models where one is needed.
    #[error(
        "there are several models here: {found}. Choose one: give its file instead of the whole folder."
    )]
    SeveralModels { found: String },
    /// Something in a file that changes what its model computes, and is not understood here.
    #[error(
        "{file} is not supported: it has {what}, and without that the model would compute something else. Try another file."
    )]
    Unsupported { file: String, what: String },
    /// A tensor that the architecture needs is not in the file.
    #[error(
        "{file} has no tensor {tensor}: the file and the model's settings do not belong together, or this is not a complete model."
    )]
    MissingTensor { file: String, tensor: String },
    /// A tensor whose shape differs from what config.json says.
    #[error("tensor {tensor} has shape {found:?}, but the model's settings call for {expected:?}.")]
    WrongShape {
        tensor: String,
        expected: Vec<usize>,
        found: Vec<usize>,
    },
    /// A number format other than f32, f16 and bf16.
    #[error("tensor {tensor} is stored as {dtype}; f32, f16 and bf16 can be read.")]
    UnsupportedDtype { tensor: String, dtype: String },
    /// NaN or infinity among the weights.
    #[error(
        "tensor {tensor} holds {value} at [{row}, {col}]: a weight must be finite. The file is damaged or overflowed when it was converted."
    )]
    NotFinite {
        tensor: String,
        value: f32,
        row: usize,
        col: usize,
    },
    /// A field of config.json that is missing, out of range or not supported.
    #[error("config.json: {field} {problem}.")]
    Config {
        field: &'static str,
        problem: String,
    },
    /// A model family without a file in `model/arch`.
    #[error("config.json names the model type {found}; supported are: {known}.")]
    UnknownFamily { found: String, known: String },
    /// The tokenizer library refused tokenizer.json, or a text.
    #[error("tokenizer.json: {0}.")]
    Tokenizer(String),

    // Recipe
    /// A recipe that is not one.
    #[error("the recipe cannot be read: {0}.")]
    Recipe(String),
    /// A method that is not in `METHODS`.
    #[error("there is no method {found}; there are: {known}.")]
    UnknownMethod { found: String, known: String },
    /// A setting that the method does not have, or a value outside its range.
    #[error("setting {name} = {found}: {expected}.")]
    Setting {
        name: String,
        found: String,
        expected: String,
    },

    // Calibrate
    /// A calibration text that is shorter than what was asked of it.
    #[error(
        "calibration text {text}: {sequences} sequences of {length} tokens are asked for; its {tokens} tokens make \
         {pieces}. Choose fewer or shorter sequences, or a longer text."
    )]
    CalibrationText {
        text: String,
        tokens: usize,
        pieces: usize,
        sequences: usize,
        length: usize,
    },

    // Compress
    /// A method cannot treat this layer with these settings.
    #[error("layer {layer}: {problem}.")]
    Layer { layer: String, problem: String },

    // Evaluate
    /// More tokens than the model has positions for.
    #[error(
        "a text of {tokens} tokens does not fit this model, which was made for {limit} (max_position_embeddings)."
    )]
    TooLong { tokens: usize, limit: usize },
    /// A token id outside the vocabulary.
    #[error("token {token} is outside the vocabulary of {vocab_size}.")]
    UnknownToken { token: u32, vocab_size: usize },
    /// Infinity or NaN came out of the model.
    #[error(
        "the model's output is not a number: its weights are too large for f32 arithmetic, or damaged. Try \
         another file or a weaker setting."
    )]
    NotANumber,
    /// Nothing to run or to score.
    #[error("{what} is empty: there is nothing to measure.")]
    Empty { what: String },
    /// Scores of, or files from, a compression that was not done.
    #[error("There is no compressed model yet: run a compression first.")]
    NotCompressed,
    /// What an asker elsewhere said.
    #[error("{0}")]
    Unanswered(String),
    /// A response that is not of the kind of its request.
    #[error(
        "{what} was answered with a response of another kind: this is a fault of what was asked."
    )]
    UnexpectedResponse { what: String },
    /// A row of an item file that is not what it should be.
    #[error("{file}, line {line}: {problem}. Correct this row, or leave it out.")]
    Row {
        file: String,
        line: usize,
        problem: String,
    },
    /// An item file that does not fit its schema.
    #[error("items of {probe}: {problem}.")]
    Items {
        probe: String,
        /// The list and the number, from 0, of the row that does not.
        row: Option<(&'static str, usize)>,
        problem: String,
    },
    /// No dimension of trust has anything to be asked.
    #[error("nothing can be measured: {0}.")]
    NoItems(String),

    // The graphics card
    /// There is none, it was lost, it refused something, or what it computes is not what the processor does.
    #[cfg_attr(
        not(target_arch = "wasm32"),
        error("the graphics card cannot be used: {0}. Run this on the processor instead.")
    )]
    // The page does so by itself.
    #[cfg_attr(
        target_arch = "wasm32",
        error("The graphics card cannot be used: {0}.")
    )]
    Gpu(String),

    // Reports
    /// No report is of an experiment that could be merged.
    #[error("Nothing is merged: {0}")]
    NotMerged(String),
    /// Reports that cannot be laid beside one another.
    #[error("The two reports cannot be compared: {0}")]
    NotCompared(String),

    // Save
    /// A weight that a file format cannot hold.
    #[error("{layer} cannot be saved as {format}: {problem}.")]
    Unsaveable {
        layer: String,
        format: &'static str,
        problem: String,
    },

    // Arithmetic
    /// An operation of the tensor library failed.
    #[cfg(feature = "classifier")]
    #[error("arithmetic: {0}.")]
    Tensor(#[from] candle_core::Error),
    /// What scores texts failed.
    #[error("the classifier gave a text no score: {problem}.")]
    Scorer { problem: String },

    // Files of the command line
    /// Reading or writing a file failed.
    #[error("{path}: {source}.")]
    File {
        path: String,
        source: std::io::Error,
    },
}

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;
