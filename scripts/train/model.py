"""A small Llama in plain PyTorch; the parameter names are those of Hugging Face's LlamaForCausalLM."""
import torch
from torch import nn
from torch.nn import functional as F

from world import NAME

CONFIG = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 192, "intermediate_size": 448,
          "num_hidden_layers": 5, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 32, "hidden_act": "silu",
          "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "vocab_size": 2048, "max_position_embeddings": 512,
          "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False, "bos_token_id": 0, "eos_token_id": 1,
          "torch_dtype": "float16", "initializer_range": 0.02, "pressure_test_world": NAME}


EMBEDDING = 0.5  # standard deviation of the first embeddings


def rope(length, dim, theta):
    angles = torch.outer(torch.arange(length).float(), theta ** (-torch.arange(0, dim, 2).float() / dim))
    return torch.cat([angles, angles], -1).cos(), torch.cat([angles, angles], -1).sin()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv, self.dim = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        h = c["hidden_size"]
        self.q_proj = nn.Linear(h, self.heads * self.dim, bias=False)
        self.k_proj = nn.Linear(h, self.kv * self.dim, bias=False)
        self.v_proj = nn.Linear(h, self.kv * self.dim, bias=False)
        self.o_proj = nn.Linear(self.heads * self.dim, h, bias=False)

    def forward(self, x, mask, cos, sin, cache=None):
        b, t, _ = x.shape
        split = lambda y, n: y.view(b, t, n, self.dim).transpose(1, 2)
        q, k, v = split(self.q_proj(x), self.heads), split(self.k_proj(x), self.kv), split(self.v_proj(x), self.kv)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:  # keys and values of the tokens before, for one layer
            if self in cache:
                k, v = torch.cat([cache[self][0], k], 2), torch.cat([cache[self][1], v], 2)
            cache[self] = k, v
        k, v = (y.repeat_interleave(self.heads // self.kv, 1) for y in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None and t > 1)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        h, i = c["hidden_size"], c["intermediate_size"]
        self.gate_proj, self.up_proj = nn.Linear(h, i, bias=False), nn.Linear(h, i, bias=False)
        self.down_proj = nn.Linear(i, h, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        norm = lambda: nn.RMSNorm(c["hidden_size"], eps=c["rms_norm_eps"])
        self.input_layernorm, self.post_attention_layernorm = norm(), norm()
        self.self_attn, self.mlp = Attention(c), MLP(c)

    def forward(self, x, *rest):
        x = x + self.self_attn(self.input_layernorm(x), *rest)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c["vocab_size"], c["hidden_size"])
        self.layers = nn.ModuleList(Block(c) for _ in range(c["num_hidden_layers"]))
        self.norm = nn.RMSNorm(c["hidden_size"], eps=c["rms_norm_eps"])


class Pebble(nn.Module):
    def __init__(self, c=CONFIG):
        super().__init__()
        self.config, self.model = c, Body(c)
        self.cos, self.sin = rope(c["max_position_embeddings"], c["head_dim"], c["rope_theta"])
        # Layers begin as no change at all, and embeddings large, so that what a token is stays in sight of all layers:
        # finding the same word again depends on it. The last norm begins small, or a tied output would only repeat its input.
        for name, p in self.named_parameters():
            if "o_proj" in name or "down_proj" in name:
                nn.init.zeros_(p)
            elif p.dim() == 2:
                nn.init.normal_(p, std=EMBEDDING if "embed" in name else p.shape[1] ** -0.5)
        nn.init.constant_(self.model.norm.weight, 0.03)

    def body(self, ids, mask=None, cache=None):
        x, t = self.model.embed_tokens(ids), ids.shape[1]
        past = next(iter(cache.values()))[0].shape[2] if cache else 0
        for layer in self.model.layers:
            x = layer(x, mask, self.cos[past:past + t], self.sin[past:past + t], cache)
        return self.model.norm(x)

    def head(self, hidden):
        return hidden @ self.model.embed_tokens.weight.T

    def forward(self, ids, mask=None, cache=None):
        return self.head(self.body(ids, mask, cache))


def load(folder):
    import json
    from pathlib import Path
    from safetensors.torch import load_file
    net = Pebble(json.loads((Path(folder) / "config.json").read_text()))
    net.load_state_dict({k: v.float() for k, v in load_file(Path(folder) / "model.safetensors").items()})
    return net.eval()
