//! What GGUF files call the tensors of a family.

use super::{ConvolutionNames, Fused, TensorNames};

impl TensorNames {
    /// The same tensors under the names of GGUF.
    #[must_use]
    pub fn in_gguf(&self) -> Self {
        let fused = |fused: Option<Fused>, name| {
            fused.map(|_| Fused {
                name,
                by_head: false,
            })
        };
        // Without a norm behind attention, the one before the feed-forward part is called the same.
        Self {
            base: "",
            embedding: "token_embd",
            embedding_norm: self.embedding_norm.map(|_| "token_embd_norm"),
            positions: self.positions.map(|_| "position_embd"),
            block: "blk.",
            // LFM2 calls its last norm as others that of their embeddings.
            norm: if self.convolution.is_some() {
                "token_embd_norm"
            } else {
                "output_norm"
            },
            head: "output",
            input_norm: self.input_norm.map(|_| "attn_norm"),
            query: "attn_q",
            key: "attn_k",
            value: "attn_v",
            attended_norm: self.attended_norm.map(|_| "attn_sub_norm"),
            output: "attn_output",
            query_norm: self.query_norm.map(|_| "attn_q_norm"),
            key_norm: self.key_norm.map(|_| "attn_k_norm"),
            output_norm: self.output_norm.map(|_| "post_attention_norm"),
            post_norm: self.post_norm.map(|_| "ffn_norm"),
            gate: self.gate.map(|_| "ffn_gate"),
            up: "ffn_up",
            inner_norm: self.inner_norm.map(|_| "ffn_sub_norm"),
            down: "ffn_down",
            down_norm: self.down_norm.map(|_| "post_ffw_norm"),
            query_key_value: fused(self.query_key_value, "attn_qkv"),
            gate_up: fused(self.gate_up, "ffn_up"),
            convolution: self.convolution.map(|names| ConvolutionNames {
                input: "shortconv.in_proj",
                kernel: "shortconv.conv",
                output: "shortconv.out_proj",
                ..names
            }),
            transposed: false,
            interleaved: self.interleaved_in_gguf,
            interleaved_in_gguf: self.interleaved_in_gguf,
        }
    }
}
