#!/usr/bin/env python3
"""Reference values for every family and head, computed by `transformers` in float64.

Writes model-parity.json into Tests/ModelsTests/Fixtures: for each of many tiny configurations the input, the logits, the
hidden states, the loss and the norm of the gradient of every parameter. Weights are not stored: distinct parameter names
are sorted and numbered k = 0, 1, ..., and flat element i is 0.2 sin(1 + 0.9 k + 1.7 i), plus 1 for the weight of a layer
norm. Padding takes part in the computation here; only the rows of real tokens are written. Needs torch and transformers.

    python3 scripts/goldens/model_parity.py
    python3 scripts/goldens/model_parity.py --seed 7 --output FILE     other ids, for scripts/parity models
"""

import argparse
import json
import pathlib
import random

import torch
import transformers

FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ModelsTests" / "Fixtures" / "model-parity.json"
IGNORED = -100

SMALL = dict(vocab_size=23, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
             max_position_embeddings=12)
FAMILIES = {
    "bert": ("Bert", SMALL),
    "albert": ("Albert", SMALL | dict(embedding_size=4, num_hidden_layers=3)),
    "distilbert": ("DistilBert", dict(vocab_size=23, dim=8, n_layers=2, n_heads=2, hidden_dim=12,
                                      max_position_embeddings=12)),
    "roberta": ("Roberta", SMALL | dict(max_position_embeddings=14, type_vocab_size=1, pad_token_id=1,
                                        layer_norm_eps=1e-5)),
}
# What is odd about a configuration, and the heads that it is tried with.
ODD = [
    ("albert", dict(num_hidden_layers=4, num_hidden_groups=2, inner_group_num=2, hidden_act="relu"), "MaskedLM"),
    ("albert", dict(num_hidden_groups=3, num_attention_heads=1), "SequenceClassification"),
    ("albert", dict(tie_word_embeddings=False), "MaskedLM"),
    ("bert", dict(type_vocab_size=1, num_attention_heads=1, hidden_act="gelu_new"), "QuestionAnswering"),
    ("bert", dict(tie_word_embeddings=False, hidden_act="silu"), "MaskedLM"),
    ("distilbert", dict(n_heads=1, activation="relu"), "TokenClassification"),
    ("distilbert", dict(tie_word_embeddings=False), "MaskedLM"),
    ("roberta", dict(type_vocab_size=2, pad_token_id=0, hidden_act="tanh", layer_norm_eps=1e-12), "MaskedLM"),
    ("roberta", dict(tie_word_embeddings=False, num_hidden_layers=1), "MaskedLM"),
]
HEADS = ["Model", "MaskedLM", "SequenceClassification", "TokenClassification", "QuestionAnswering", "MultipleChoice"]
# The forms of a sequence classifier's loss.
PROBLEMS = [("bert", "regression", 1), ("roberta", "multi_label_classification", 4)]

# Pairs with types; [CLS] is 2 and [SEP] 3. Rows are padded to the longest.
SEQUENCES = [[2, 5, 4, 7, 3, 9, 11, 3], [2, 21, 3, 4, 3], [2, 13, 4, 8, 3, 4, 3], [2, 6, 3, 22, 17, 3]]
TYPES = [[0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]]
WORDS = [(0, 2, 6), (0, 6, 11), (1, 3, 17), (2, 2, 22), (2, 5, 12), (3, 1, 13)]
TAGS = [(0, 1, 0), (0, 3, 2), (0, 5, 1), (1, 1, 2), (2, 1, 0), (2, 3, 0), (3, 4, 1)]
STARTS, ENDS = [5, 3, 0, 99], [6, 4, 0, 99]


def build(family, changes, head, labels=3):
    prefix, sizes = FAMILIES[family]
    sizes = sizes | changes
    if head == "QuestionAnswering":
        labels = 2
    if head in ("SequenceClassification", "TokenClassification", "QuestionAnswering"):
        sizes = sizes | dict(num_labels=labels)
    config = getattr(transformers, prefix + "Config")(**sizes, attn_implementation="eager")
    name = prefix + (head if head == "Model" else "For" + head)
    model = getattr(transformers, name)(config).double().eval()
    # An untied decoder has its own bias; the head's is unused then.
    unused = ("predictions.bias", "lm_head.bias") if not config.tie_word_embeddings else ()
    if head == "Model":
        # A bare encoder's names lack the prefix that they have inside a model with a head.
        named = {f"{model.base_model_prefix}.{key}": value for key, value in model.named_parameters()}
    else:
        named = {key: value for key, value in model.named_parameters() if not key.endswith(unused)}
    with torch.no_grad():
        for k, key in enumerate(sorted(named)):
            i = torch.arange(named[key].numel(), dtype=torch.float64)
            values = 0.2 * torch.sin(1 + 0.9 * k + 1.7 * i)
            if key.lower().endswith(("layernorm.weight", "layer_norm.weight")):
                values += 1
            named[key].copy_(values.view_as(named[key]))
    return name, config, model, named


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def marks(places, like):
    labels = torch.full_like(like, IGNORED)
    for row, column, label in places:
        labels[row, column] = label
    return labels


def span_loss(logits, positions, lengths):
    """The loss of `transformers`, but with the softmax over a sequence's own tokens."""
    losses = [torch.nn.functional.cross_entropy(row[:length], torch.tensor(max(position, 0)))
              for row, position, length in zip(logits, positions, lengths) if position < length]
    return sum(losses) / len(losses)


def case(family, changes, head, problem=None, labels=3):
    name, config, model, named = build(family, changes, head, labels)
    if problem:
        config.problem_type = problem
    types = TYPES if getattr(config, "type_vocab_size", 0) == 2 else [[0] * len(row) for row in TYPES]
    ids, mask = padded(SEQUENCES, config.pad_token_id), padded([[1] * len(row) for row in SEQUENCES], 0)
    inputs = dict(input_ids=ids, attention_mask=mask)
    if family != "distilbert":
        inputs["token_type_ids"] = padded(types, 0)
    targets = {}
    if head == "MaskedLM":
        inputs["labels"] = marks(WORDS, ids)
    elif head == "TokenClassification":
        inputs["labels"] = marks(TAGS, ids)
    elif head == "MultipleChoice":
        inputs = {key: value.view(2, 2, -1) for key, value in inputs.items()}
        inputs["labels"] = torch.tensor([1, 0])
        targets = dict(groups=[2, 2], labels=[1, 0])
    elif head == "SequenceClassification":
        scores = {"regression": [0.5, -1.0, 2.0, 0.25], "multi_label_classification": [
            [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0]]}.get(problem)
        inputs["labels"] = torch.tensor(scores, dtype=torch.float64) if scores else torch.tensor([2, 0, 1, 2])
        targets = dict(labels=inputs["labels"].flatten().tolist())
    elif head == "QuestionAnswering":
        targets = dict(starts=STARTS, ends=ENDS)
    output = model(**inputs, output_hidden_states=True, output_attentions=True)

    visible = mask.bool()
    if head in ("MaskedLM", "TokenClassification"):
        at = inputs["labels"][visible]
        targets = dict(labels=at.tolist())
    if head == "Model":
        logits, loss = output.last_hidden_state[visible], output.last_hidden_state[visible].pow(2).sum()
        pooled = getattr(output, "pooler_output", None)
        if pooled is not None:
            targets, loss = dict(pooled=numbers(pooled)), loss + (pooled * torch.arange(pooled.shape[1])).sum()
    elif head == "QuestionAnswering":
        logits = torch.stack([output.start_logits, output.end_logits], -1)[visible]
        lengths = list(map(len, SEQUENCES))
        loss = (span_loss(output.start_logits, STARTS, lengths) + span_loss(output.end_logits, ENDS, lengths)) / 2
    else:
        logits, loss = output.logits, output.loss
        if logits.dim() == 3:
            logits = logits[visible]
        elif head == "MultipleChoice":
            logits = logits.view(-1, 1)
    loss.backward()
    # transformers 5 lists every inner layer of an ALBERT group; a hidden state of ours is one step of the depth.
    states = output.hidden_states[::getattr(config, "inner_group_num", 1)]
    # The first sequence has no padding, so its squares are ours.
    attention = [layer[0] for layer in output.attentions]
    keys = {key: value for key, value in config.to_diff_dict().items() if value is not None}
    return {
        "name": name, "config": keys | dict(architectures=[name]), "sequences": SEQUENCES, "types": types,
        "targets": targets, "logits": numbers(logits), "loss": float(f"{loss.item():.11g}"),
        "hidden": [numbers(state[visible])[:40] for state in states],
        "attentions": [numbers(square)[:20] for square in attention],
        "gradients": {key: float(f"{0.0 if value.grad is None else value.grad.norm().item():.10g}")
                      for key, value in named.items()},
    }


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, help="draw the ids that are not special")
    parser.add_argument("--output", type=pathlib.Path, default=FIXTURE)
    options = parser.parse_args()
    torch.manual_seed(0)
    if options.seed is not None:
        ids = random.Random(options.seed)
        SEQUENCES = [[id if id < 5 else ids.randrange(5, SMALL["vocab_size"]) for id in row] for row in SEQUENCES]
    cases = [case(family, {}, head) for family in FAMILIES for head in HEADS]
    cases += [case(*odd) for odd in ODD]
    cases += [case(family, {}, "SequenceClassification", problem, labels) for family, problem, labels in PROBLEMS]
    header = {"generator": "scripts/goldens/model_parity.py", "torch": torch.__version__,
              "transformers": transformers.__version__}
    text = json.dumps(header | {"cases": cases}, separators=(",", ":")).replace('{"name"', '\n{"name"')
    options.output.write_text(text + "\n")
    print(f"{options.output.name}: {options.output.stat().st_size} bytes, {len(cases)} cases")
