"""The layers that the verifier and the reader are trained from, and the table of words below them."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

BASE = Path("build/base")
"""Where `training/base.py` writes."""
DROPOUT = 0.1
NAMES = {
    "attention.output.dense": "out", "attention.output.LayerNorm": "after_attention",
    "intermediate.dense": "inner", "output.dense": "outer", "output.LayerNorm": "after",
}  # fmt: skip


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, bias: Tensor | None = None) -> Tensor:
    """Attention of many heads (Vaswani et al. 2017), all of shape (rows, tokens, width)."""
    rows, length, width = q.shape
    q, k, v = (each.view(rows, length, heads, width // heads).transpose(1, 2) for each in (q, k, v))
    if q.is_cuda:
        seen = functional.scaled_dot_product_attention(q, k, v, bias)
    else:  # for which its gradient takes six times as long on processors as this one's
        odds = (q @ k.transpose(-1, -2)) * (width // heads) ** -0.5
        seen = functional.softmax(odds if bias is None else odds + bias, -1, dtype=torch.float32).to(v.dtype) @ v
    return seen.transpose(1, 2).reshape(rows, length, width)


class Fused(torch.autograd.Function):
    """The same, exported as the one operation that onnxruntime has for it."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
        return attend(q, k, v, heads)

    @staticmethod
    def symbolic(g: Any, q: Any, k: Any, v: Any, heads: int) -> Any:
        found = g.op("com.microsoft::MultiHeadAttention", q, k, v, num_heads_i=heads)
        return found.setType(q.type())


class Block(nn.Module):
    """One layer of BERT (Devlin et al. 2019), its three projections in one matrix."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.after_attention = nn.LayerNorm(width, 1e-12)
        self.inner = nn.Linear(width, inner)
        self.outer = nn.Linear(inner, width)
        self.after = nn.LayerNorm(width, 1e-12)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """`x` of shape (rows, tokens, width); `bias` is added to what a token gives to another. Without one, rows are
        of one length: as they are when the network is exported."""
        if bias is None:
            seen = Fused.apply(*self.qkv(x).split(x.shape[-1], -1), self.heads)
        else:
            seen = attend(*self.qkv(x).split(x.shape[-1], -1), self.heads, bias)
        x = self.after_attention(x + self.drop(self.out(seen)))
        return self.after(x + self.drop(self.outer(functional.gelu(self.inner(x)))))


class Trunk(nn.Module):
    """Vectors of words to states of tokens, layer by layer."""

    def __init__(self, base: Path, layers: int | None = None, inner: int | None = None) -> None:
        """The lowest `layers` of the base, or all, each with the `inner` neurons of largest weights, or all."""
        super().__init__()
        config: dict[str, int] = json.loads((base / "config.json").read_text("utf-8"))
        width = config["hidden_size"]
        self.places = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.first = nn.LayerNorm(width, 1e-12)
        self.layer = nn.ModuleList(
            Block(width, config["num_attention_heads"], inner or config["intermediate_size"])
            for _ in range(layers or config["num_hidden_layers"])
        )
        self.width = width
        state = _renamed(torch.load(base / "base.pt", weights_only=True), len(self.layer))
        self.load_state_dict(_narrowed(state, len(self.layer), inner) if inner else state)

    def layers(self) -> list[Block]:
        return [layer for layer in self.layer if isinstance(layer, Block)]

    def begin(self, vectors: Tensor, types: Tensor) -> Tensor:
        """The states below the first layer."""
        return self.first(vectors + self.places.weight[: vectors.shape[1]] + self.types(types))

    def climb(self, x: Tensor, mask: Tensor | None, start: int = 0, end: int | None = None) -> Tensor:
        """The states after the layers from `start` to before `end`, or all. `mask` is 1 at tokens, 0 beside them; none
        is needed for rows of one length."""
        bias = None
        if mask is not None:
            bias = ((1.0 - mask.to(x.dtype)) * -10_000.0)[:, None, None, :].expand(-1, -1, mask.shape[1], -1)
        for layer in self.layers()[start:end]:
            x = layer(x, bias)
        return x


def _renamed(state: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """The names of a BertModel as those here."""
    out = {
        "places.weight": state["embeddings.position_embeddings.weight"],
        "types.weight": state["embeddings.token_type_embeddings.weight"],
        "first.weight": state["embeddings.LayerNorm.weight"],
        "first.bias": state["embeddings.LayerNorm.bias"],
    }
    for at in range(layers):
        for part in ("weight", "bias"):
            given = f"encoder.layer.{at}."
            three = [state[f"{given}attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            out[f"layer.{at}.qkv.{part}"] = torch.cat(three)
            for name, short in NAMES.items():
                out[f"layer.{at}.{short}.{part}"] = state[f"{given}{name}.{part}"]
    return out


def _narrowed(state: dict[str, Tensor], layers: int, inner: int) -> dict[str, Tensor]:
    """The same with only the inner neurons whose weights are largest."""
    for at in range(layers):
        start = f"layer.{at}."
        size = state[f"{start}inner.weight"].norm(dim=1) * state[f"{start}outer.weight"].norm(dim=0)
        keep_neurons(state, start, size, inner)
    return state


def keep_neurons(state: dict[str, Tensor], start: str, worth: Tensor, inner: int) -> None:
    """Leave in the layer whose names begin with `start` the `inner` neurons of most worth."""
    kept = worth.topk(inner).indices.sort().values
    for name in ("inner.weight", "inner.bias"):
        state[start + name] = state[start + name][kept]
    state[f"{start}outer.weight"] = state[f"{start}outer.weight"][:, kept].contiguous()


def shape(text: str) -> tuple[int, int]:
    """Layers and inner neurons, as options give them: "4,768"."""
    layers, inner = text.split(",")
    return int(layers), int(inner)


def shape_of(state: dict[str, Tensor]) -> tuple[int, int]:
    """Layers and inner neurons of a network with these weights."""
    names = [name for name in state if name.endswith(".inner.weight")]
    return len(names), len(state[names[0]])


def parameter_groups(network: nn.Module, rate: float, layers: int, decay: float = 0.9) -> list[dict[str, Any]]:
    """The head learns fastest, each layer below a little slower."""
    groups: list[dict[str, Any]] = []
    for name, weight in network.named_parameters():
        if ".layer." in name:
            speed = rate * decay ** (layers - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            speed = rate * decay**layers if name.startswith("trunk") else rate * 5
        groups.append({"params": [weight], "lr": speed, "weight_decay": 0.01 if weight.ndim > 1 else 0.0})
    return groups
