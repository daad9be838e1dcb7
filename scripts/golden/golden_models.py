"""The tiny models of tests/golden: what config.json of each says, and the seed of its weights. make_golden.py writes them."""

VOCABULARY = 64

SHAPE = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "hidden_act": "silu",
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "attention_bias": False,
    "mlp_bias": False,
    "tie_word_embeddings": True,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "torch_dtype": "float32",
}


def family(model_type: str, **settings) -> dict:
    """What differs from SHAPE in another family that names its fields alike."""
    return {"model_type": model_type, "architectures": None, "torch_dtype": "float16"} | settings


def gpt2(**settings) -> dict:
    """GPT-2 has other names for the same fields."""
    shape = {
        "n_embd": 32,
        "n_head": 4,
        "n_layer": 2,
        "n_positions": 128,
        "activation_function": "gelu_new",
        "layer_norm_epsilon": 1e-5,
    }
    return family("gpt2", **dict.fromkeys(set(SHAPE) - KEPT) | shape | settings)


def gpt_neox(**settings) -> dict:
    dropped = dict.fromkeys(["num_key_value_heads", "rms_norm_eps", "rope_theta", "attention_bias", "mlp_bias"])
    shape = {"hidden_act": "gelu", "rotary_pct": 0.25, "rotary_emb_base": 10000, "layer_norm_eps": 1e-5}
    return family("gpt_neox", **dropped | {"tie_word_embeddings": False, "use_parallel_residual": True} | shape | settings)


def opt(**settings) -> dict:
    shape = {"hidden_size": 32, "ffn_dim": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    return family("opt", **dict.fromkeys(set(SHAPE) - KEPT) | shape | {"max_position_embeddings": 128} | settings)


def bloom(**settings) -> dict:
    dropped = dict.fromkeys(set(SHAPE) - KEPT)
    # Six heads: two of them are beyond a power of two.
    return family("bloom", **dropped | {"hidden_size": 48, "n_layer": 2, "n_head": 6, "layer_norm_epsilon": 1e-5} | settings)


def gpt_neo(**settings) -> dict:
    shape = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_layers": 3,
        "num_heads": 4,
        "max_position_embeddings": 128,
        "layer_norm_epsilon": 1e-5,
    }
    return family("gpt_neo", **dict.fromkeys(set(SHAPE) - KEPT) | shape | settings)


# Without the biases that Llama may have, and with layer norms.
NO_BIASES = {"attention_bias": None, "mlp_bias": None}
LAYER_NORMS = NO_BIASES | {"rms_norm_eps": None, "layer_norm_eps": 1e-5}

# Fields that every family names alike.
KEPT = {"model_type", "vocab_size", "bos_token_id", "eos_token_id", "torch_dtype"}

# Name, seed, what differs from SHAPE. None removes a field.
MODELS = [
    ("llama_mha", 1, {}),
    (
        "llama_gqa",
        2,
        {
            "num_key_value_heads": 2,
            "head_dim": 16,  # not hidden_size / num_attention_heads
            "rope_theta": 500000.0,
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": False,
        },
    ),
    ("llama_f16", 3, {"num_key_value_heads": 2, "torch_dtype": "float16"}),
    ("llama_bf16", 4, {"num_key_value_heads": 2, "torch_dtype": "bfloat16"}),
    ("llama_mqa", 5, {"num_key_value_heads": 1, "attention_bias": True, "mlp_bias": True}),
    (
        # The same facts under the names that transformers 5 writes.
        "llama_rope_parameters",
        6,
        {
            "rope_theta": None,
            "rope_parameters": {"rope_type": "default", "rope_theta": 100.0},
            "torch_dtype": None,
            "dtype": "float32",
        },
    ),
    (
        "llama_rope_llama3",
        7,
        {
            "head_dim": 16,
            "rope_theta": 100.0,
            # Wavelengths from 6 to 350 tokens: below, between and above the two limits.
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            },
            "torch_dtype": "float16",
        },
    ),
    ("llama_rope_linear", 8, {"rope_scaling": {"type": "linear", "factor": 2.5}, "torch_dtype": "float16"}),
    ("mistral", 9, family("mistral", num_key_value_heads=2, sliding_window=5, tie_word_embeddings=False)),
    ("qwen2", 10, family("qwen2", num_key_value_heads=2, attention_bias=None, mlp_bias=None)),
    ("qwen2_windows", 11, family("qwen2", num_hidden_layers=3, use_sliding_window=True, sliding_window=4, max_window_layers=1)),
    ("qwen3", 12, family("qwen3", num_key_value_heads=2, head_dim=16)),
    (
        "phi3",
        13,
        family("phi3", num_key_value_heads=2, sliding_window=6, pad_token_id=0, tie_word_embeddings=False),
    ),
    (
        "phi3_longrope",
        14,
        family(
            "phi3",
            pad_token_id=0,
            partial_rotary_factor=0.75,
            original_max_position_embeddings=32,
            rope_scaling={"type": "longrope", "short_factor": [1.1, 1.3, 2.0], "long_factor": [2.0, 4.0, 8.0]},
            sliding_window=None,
            tie_word_embeddings=False,
        ),
    ),
    (
        # Soft caps and a query scale that no rounding could hide.
        "gemma2",
        15,
        family(
            "gemma2",
            num_hidden_layers=3,
            num_key_value_heads=2,
            head_dim=16,
            hidden_act=None,
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=10,
            sliding_window=4,
            attn_logit_softcapping=2.0,
            final_logit_softcapping=3.0,
            tie_word_embeddings=None,
        ),
    ),
    (
        "gemma3",
        16,
        family(
            "gemma3_text",
            num_hidden_layers=3,
            num_key_value_heads=1,
            head_dim=16,
            hidden_act=None,
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=20,
            sliding_window=4,
            sliding_window_pattern=2,
            rope_theta=1000.0,
            rope_local_base_freq=100.0,
            rope_scaling={"rope_type": "linear", "factor": 3.0},
            tie_word_embeddings=None,
        ),
    ),
    ("gpt2", 17, gpt2()),
    ("gpt2_relu", 18, gpt2(activation_function="relu", n_inner=48, tie_word_embeddings=False)),
    ("gpt_neox", 19, gpt_neox()),
    ("gpt_neox_sequential", 20, gpt_neox(use_parallel_residual=False, rotary_pct=1.0, hidden_act="gelu_new")),
    ("olmo2", 21, family("olmo2", num_key_value_heads=2, mlp_bias=None, tie_word_embeddings=False)),
    ("smollm3", 22, family("smollm3", pad_token_id=0, num_hidden_layers=4, num_key_value_heads=2, rope_theta=1000.0)),
    (
        "granite",
        23,
        family(
            "granite",
            num_key_value_heads=2,
            embedding_multiplier=3.0,
            attention_multiplier=0.5,
            residual_multiplier=0.7,
            logits_scaling=2.5,
        ),
    ),
    (
        # The legacy name of the activation, which means the other form.
        "gemma",
        24,
        family(
            "gemma",
            num_key_value_heads=1,
            head_dim=16,
            hidden_act="gelu",
            mlp_bias=None,
            tie_word_embeddings=None,
            torch_dtype="bfloat16",  # llama.cpp's converter adds 1 to norms in the format of the file if it is float16
        ),
    ),
    (
        "phi",
        25,
        family(
            "phi",
            **LAYER_NORMS,
            intermediate_size=128,
            hidden_act="gelu_new",
            partial_rotary_factor=0.5,
            tie_word_embeddings=False,
        ),
    ),
    (
        "stablelm",
        26,
        family(
            "stablelm",
            **LAYER_NORMS,
            num_key_value_heads=2,
            partial_rotary_factor=0.25,
            use_qkv_bias=True,
            tie_word_embeddings=False,
        ),
    ),
    ("opt", 27, opt()),
    ("gpt_neo", 28, gpt_neo(attention_types=[[["global", "local"], 1], [["local"], 1]], window_size=4)),
    ("ernie4_5", 29, family("ernie4_5", **NO_BIASES, num_key_value_heads=2, head_dim=16, use_bias=True)),
    (
        "exaone4",
        30,
        family(
            "exaone4",
            **NO_BIASES,
            num_hidden_layers=3,
            num_key_value_heads=2,
            sliding_window=4,
            sliding_window_pattern=2,
            tie_word_embeddings=False,
        ),
    ),
    (
        # Its width inside is adjusted: two thirds of 96, in whole parts of 24.
        "lfm2",
        42,
        family(
            "lfm2",
            **NO_BIASES,
            hidden_act=None,
            rms_norm_eps=None,
            norm_eps=1e-5,
            num_hidden_layers=4,
            num_key_value_heads=2,
            rope_theta=100.0,
            intermediate_size=96,
            block_multiple_of=24,
            conv_L_cache=3,
            layer_types=["conv", "full_attention", "conv", "full_attention"],
        ),
    ),
    (
        "hunyuan",
        31,
        family(
            "hunyuan_v1_dense",
            num_key_value_heads=2,
            head_dim=16,
            mlp_bias=None,
            max_position_embeddings=32768,
            rope_scaling={"type": "dynamic", "alpha": 1000.0, "factor": 1.0},
        ),
    ),
    ("bloom", 33, bloom()),
    (
        "llama4",
        34,
        family(
            "llama4_text",
            mlp_bias=None,
            intermediate_size_mlp=48,
            moe_layers=[],
            num_hidden_layers=4,
            num_key_value_heads=2,
            head_dim=16,
            tie_word_embeddings=False,
        ),
    ),
    (
        "granite4",
        32,
        family(
            "granitemoehybrid",
            intermediate_size=48,
            mlp_bias=None,
            shared_intermediate_size=48,
            num_key_value_heads=2,
            num_local_experts=0,
            mamba_n_heads=4,
            layer_types=["full_attention"] * 2,
            position_embedding_type="rope",
            embedding_multiplier=3.0,
            attention_multiplier=0.5,
            residual_multiplier=0.7,
            logits_scaling=2.5,
        ),
    ),
    (
        "minicpm",
        33,
        family(
            "minicpm",
            num_hidden_layers=3,
            num_key_value_heads=2,
            attention_bias=None,
            mlp_bias=None,
            tie_word_embeddings=None,
            scale_emb=3,
            scale_depth=1.4,
            dim_model_base=12,
            rope_scaling={
                "rope_type": "longrope",
                "short_factor": [1.0, 1.5, 2.0, 3.0],
                "long_factor": [1.0, 2.0, 4.0, 8.0],
                "original_max_position_embeddings": 128,
            },
        ),
    ),
    ("bitnet", 34, family("bitnet", num_key_value_heads=2, hidden_act="relu2", mlp_bias=None, rope_theta=500000.0)),
]
