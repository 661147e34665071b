#!/usr/bin/env python3
"""Reference values for the pretraining models, computed by `transformers` in float64.

Writes albert-pretraining.safetensors and bert-pretraining.safetensors into Tests/ModelsTests/Fixtures: weights, input,
logits, losses, hidden states and the gradient of every parameter of a small random model. The file's metadata names
the generator, the seed, the versions and the configuration. Needs torch, transformers and safetensors.

    python3 scripts/goldens/pretraining_models.py
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

SEED = 20260731
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ModelsTests" / "Fixtures"

COMMON = dict(
    vocab_size=29, hidden_size=12, num_attention_heads=3, intermediate_size=20, max_position_embeddings=9,
    type_vocab_size=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)


def albert():
    # Two groups of two inner layers over three steps of the depth: every sharing rule at work.
    config = transformers.AlbertConfig(
        **COMMON, embedding_size=6, num_hidden_layers=3, num_hidden_groups=2, inner_group_num=2,
        hidden_act="gelu_new", classifier_dropout_prob=0.0)
    return config, transformers.AlbertForPreTraining(config), "sentence_order_label"


def bert():
    config = transformers.BertConfig(**COMMON, num_hidden_layers=2, hidden_act="gelu")
    return config, transformers.BertForPreTraining(config), "next_sentence_label"


def batch():
    ids = torch.tensor([[2, 5, 4, 7, 3, 9, 11, 3], [2, 28, 4, 3, 4, 3, 0, 0], [2, 13, 4, 8, 3, 4, 3, 0]])
    mask = (ids != 0).long()
    types = torch.tensor([[0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1, 0]])
    labels = torch.full_like(ids, -100)
    for row, position, token in [(0, 2, 6), (0, 6, 11), (1, 2, 17), (1, 4, 21), (2, 2, 28), (2, 5, 1), (2, 1, 13)]:
        labels[row, position] = token
    return ids, mask, types, labels, torch.tensor([1, 0, 1])


def generate(name, build):
    torch.manual_seed(SEED)
    config, model, pair_label_name = build()
    # Published initial values (std 0.02, biases 0) would hide a lost bias or a lost scale: draw larger ones everywhere.
    with torch.no_grad():
        for _, parameter in model.named_parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    weights = {key: value.detach().clone() for key, value in model.named_parameters()}
    model = model.double().eval()
    ids, mask, types, labels, pair_labels = batch()
    output = model(
        input_ids=ids, attention_mask=mask, token_type_ids=types, labels=labels, output_hidden_states=True,
        **{pair_label_name: pair_labels})
    output.loss.backward()
    pair_logits = output.sop_logits if name == "albert" else output.seq_relationship_logits
    rows = (labels.view(-1) != -100).nonzero().view(-1)
    tensors = {f"weight/{key}": value for key, value in weights.items()}
    tensors |= {f"gradient/{key}": value.grad.clone() for key, value in model.named_parameters()}
    # transformers 5 lists every inner layer of an ALBERT group; a hidden state of ours is one step of the depth.
    states = output.hidden_states[::getattr(config, "inner_group_num", 1)]
    tensors |= {f"hidden/{i}": state.detach().clone() for i, state in enumerate(states)}
    tensors |= {
        "input/ids": ids.int(), "input/mask": mask.int(), "input/types": types.int(),
        "input/masked_rows": rows.int(), "input/masked_ids": labels.view(-1)[rows].int(),
        "input/pair_labels": pair_labels.int(),
        "output/prediction_logits": output.prediction_logits.view(-1, config.vocab_size)[rows].detach().clone(),
        "output/pair_logits": pair_logits.detach().clone(),
        "output/loss": output.loss.detach().view(1).clone(),
    }
    # One key, because the writer's order of several differs from run to run.
    header = {
        "generator": "scripts/goldens/pretraining_models.py", "seed": SEED, "torch": torch.__version__,
        "transformers": transformers.__version__, "config": config.to_dict(),
    }
    metadata = {"header": json.dumps(header, sort_keys=True)}
    path = FIXTURES / f"{name}-pretraining.safetensors"
    save_file({key: value.contiguous() for key, value in tensors.items()}, path, metadata)
    print(f"{path.name}: {path.stat().st_size} bytes, loss {output.loss.item():.10f}")


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    generate("albert", albert)
    generate("bert", bert)
