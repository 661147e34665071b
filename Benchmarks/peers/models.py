"""The published models that both sides of a comparison know, as configurations of `transformers`."""

import re

from transformers import AlbertConfig, AlbertForPreTraining, BertConfig, BertForPreTraining

_ALIASES = {"bert-base": "bert-base-uncased", "bert-large": "bert-large-uncased"}
_BERT = {
    # layers, width
    "bert-tiny": (2, 128),
    "bert-mini": (4, 256),
    "bert-small": (4, 512),
    "bert-medium": (8, 512),
    "bert-base-uncased": (12, 768),
    "bert-large-uncased": (24, 1024),
}
_ALBERT = {
    # layers, width, heads
    "base": (12, 768, 12),
    "large": (24, 1024, 16),
    "xlarge": (24, 2048, 16),
    "xxlarge": (12, 4096, 64),
}


def pretraining_model(name, attention):
    """The model that `troupe bench train-step --model NAME` trains, with random weights and the same dropout."""
    albert = re.fullmatch(r"albert-(base|large|xlarge|xxlarge)(?:-(v1|v2))?", name)
    if albert:
        layers, width, heads = _ALBERT[albert[1]]
        # Version 1 drops 10 % but for the largest, version 2 drops nothing.
        rate = 0.1 if albert[2] != "v2" and albert[1] != "xxlarge" else 0.0
        return AlbertForPreTraining(
            AlbertConfig(
                num_hidden_layers=layers,
                hidden_size=width,
                num_attention_heads=heads,
                intermediate_size=4 * width,
                hidden_dropout_prob=rate,
                attention_probs_dropout_prob=rate,
                attn_implementation=attention,
            )
        )
    miniature = re.fullmatch(r"bert_uncased_L-(\d+)_H-(\d+)_A-\d+", name)
    full_name = _ALIASES.get(name, name)
    if not miniature and full_name not in _BERT:
        known = sorted(_ALIASES) + sorted(_BERT) + [f"albert-{size}" for size in _ALBERT]
        raise SystemExit(f"train_step.py: no model is called '{name}'; there are {', '.join(known)}")
    layers, width = (int(miniature[1]), int(miniature[2])) if miniature else _BERT[full_name]
    return BertForPreTraining(
        BertConfig(
            num_hidden_layers=layers,
            hidden_size=width,
            num_attention_heads=width // 64,
            intermediate_size=4 * width,
            attn_implementation=attention,
        )
    )
