"""Compares models with transformers: random weights of every family, head and file format, and gradients.

Draws configurations (sizes, layers, groups, activations, token types, tied or untied), saves each model with
transformers in a format that is drawn, too, and runs the files with `troupe encode`, `predict` and `fill-mask` on ids
with types and padding. Then the reference values of scripts/goldens/model_parity.py are computed again with this
transformers and other ids, and the test that compares losses, gradients and attentions runs on them.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-4
HEADS = ["Model", "MaskedLM", "SequenceClassification", "TokenClassification", "QuestionAnswering"]
FORMATS = ["safetensors", "shards", "zip", "legacy", "gamma and beta"]


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/parity models", description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=100, help="configurations to draw (default 100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-gradients", action="store_true", help="leave out the test of losses and gradients")
    return parser.parse_args()


def draw(generator, number):
    """A configuration's class name, its keys, and the head; the first ones go through all families and heads."""
    prefix = ["Bert", "Albert", "DistilBert", "Roberta"][number % 4]
    head = HEADS[number // 4 % len(HEADS)]
    pick = generator.choice
    heads, width, layers = pick([1, 2, 3, 4]), pick([4, 8, 12, 20]), pick([1, 2, 3, 4])
    keys = dict(vocab_size=pick([29, 64, 131]), max_position_embeddings=pick([24, 33]),
                tie_word_embeddings=pick([True, True, False]), num_labels=pick([2, 3, 7]))
    if prefix == "DistilBert":
        keys |= dict(dim=heads * width, n_layers=layers, n_heads=heads, hidden_dim=pick([8, 33]),
                     activation=pick(["gelu", "relu"]))
    else:
        keys |= dict(hidden_size=heads * width, num_hidden_layers=layers, num_attention_heads=heads,
                     intermediate_size=pick([8, 33]), hidden_act=pick(["gelu", "gelu_new", "relu", "silu"]),
                     type_vocab_size=pick([1, 2]))
    if prefix == "Albert":
        groups = pick([1, layers])
        keys |= dict(embedding_size=pick([4, 9]), num_hidden_groups=groups,
                     inner_group_num=pick([1, 2]) if groups == 1 else 1)
    if prefix == "Roberta":
        keys |= dict(max_position_embeddings=keys["max_position_embeddings"] + 2, pad_token_id=1)
    if head == "QuestionAnswering":
        keys |= dict(num_labels=2)
    return prefix, keys, head


def build(transformers, torch, prefix, keys, head):
    config = getattr(transformers, prefix + "Config")(**keys, attn_implementation="eager")
    model = getattr(transformers, prefix + (head if head == "Model" else "For" + head))(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            # Larger than at the start of training, so that every part of the model shows in the result.
            parameter.add_(0.2 * torch.randn_like(parameter))
    return config, model


def save(torch, config, model, form, folder):
    """Writes the model; the forms that transformers no longer writes are made with torch."""
    if form in ("safetensors", "shards"):
        model.save_pretrained(folder, max_shard_size="2KB" if form == "shards" else "1GB")
        return
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    state = model.state_dict()
    if form == "gamma and beta":
        state = {key.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
                 for key, value in state.items()}
    torch.save(state, folder / "pytorch_model.bin", _use_new_zipfile_serialization=form != "legacy")


def batch(torch, generator, config):
    """Two rows of ids, types and a mask; the second is padded."""
    width = generator.randint(5, 20)
    types = getattr(config, "type_vocab_size", 1)
    rows = []
    for length in (width, generator.randint(2, width - 1)):
        first = generator.randint(1, length)
        rows.append((
            [generator.randrange(5, config.vocab_size) for _ in range(length)] + [config.pad_token_id] * (width - length),
            [0] * first + [types - 1] * (length - first) + [0] * (width - length),
            [1] * length + [0] * (width - length)))
    ids, token_types, mask = (torch.tensor(column) for column in zip(*rows))
    inputs = dict(input_ids=ids, attention_mask=mask)
    return inputs if config.model_type == "distilbert" else inputs | dict(token_type_ids=token_types)


def troupe(command, folder, inputs, *options):
    lines = "".join(json.dumps({key: value[row].tolist() for key, value in inputs.items()}) + "\n" for row in range(2))
    result = subprocess.run([os.environ["TROUPE"], command, "--model", str(folder), *options], input=lines,
                            capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"troupe {command} exited with {result.returncode}: {result.stderr.strip()}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def pairs(torch, config, head, model, inputs, folder):
    """What both give: (name, ours, theirs)."""
    with torch.no_grad():
        theirs = model(**inputs, output_hidden_states=True)
    lengths = inputs["attention_mask"].sum(1).tolist()
    for row, (got, length) in enumerate(zip(troupe("encode", folder, inputs, "--hidden-states"), lengths)):
        states = theirs.hidden_states[::getattr(config, "inner_group_num", 1)]
        for layer, state in enumerate(states):
            yield f"hidden state {layer}", got["hidden_states"][layer], state[row, :length]
        if getattr(theirs, "pooler_output", None) is not None:
            yield "pooler output", got["pooler_output"], theirs.pooler_output[row]
    if head == "MaskedLM":
        place = min(lengths) - 1
        inputs["input_ids"][:, place] = 4
        with torch.no_grad():
            logits = model(**inputs).logits[:, place]
        options = ("--json", "--top", str(config.vocab_size), "--mask-token-id", "4")
        for row, got in enumerate(troupe("fill-mask", folder, inputs, *options)):
            candidates = sorted(got["candidates"], key=lambda candidate: candidate["id"])
            yield "masked LM", [candidate["logit"] for candidate in candidates], logits[row]
    elif head != "Model":
        for row, (got, length) in enumerate(zip(troupe("predict", folder, inputs, "--json"), lengths)):
            if head == "QuestionAnswering":
                yield "start logits", got["start_logits"], theirs.start_logits[row, :length]
                yield "end logits", got["end_logits"], theirs.end_logits[row, :length]
            else:
                logits = theirs.logits[row]
                yield "logits", got["logits"], logits[:length] if head == "TokenClassification" else logits


def compare_files(options):
    import torch
    import transformers
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    generator = random.Random(options.seed)
    torch.manual_seed(options.seed)
    failures, compared, worst = 0, 0, 0.0
    for number in range(options.models):
        prefix, keys, head = draw(generator, number)
        form = FORMATS[number % len(FORMATS)] if number < 20 else generator.choice(FORMATS)
        label = f"model {number}: {prefix} {head}, {form}"
        config, model = build(transformers, torch, prefix, keys, head)
        with tempfile.TemporaryDirectory() as folder:
            save(torch, config, model, form, pathlib.Path(folder))
            try:
                for name, ours, theirs in pairs(torch, config, head, model, batch(torch, generator, config), folder):
                    ours = torch.tensor(ours)
                    if ours.shape != theirs.shape:
                        raise RuntimeError(f"{name}: {list(ours.shape)} numbers, not {list(theirs.shape)}")
                    error = ((ours - theirs).abs() / (1 + theirs.abs())).max().item()
                    compared, worst = compared + 1, max(worst, error)
                    if not error <= TOLERANCE:
                        raise RuntimeError(f"{name} differs by {error:.2g}")
            except RuntimeError as error:
                failures += 1
                print(f"{label}: {error}\n    {keys}")
    print(f"files: {options.models} models, {compared} comparisons, largest difference {worst:.2g}, "
          f"{failures} models differ (tolerance {TOLERANCE:g}, transformers {transformers.__version__})")
    return failures


def compare_gradients(options):
    with tempfile.TemporaryDirectory() as folder:
        values = str(pathlib.Path(folder, "values.json"))
        script = ROOT / "scripts" / "goldens" / "model_parity.py"
        subprocess.run([sys.executable, str(script), "--seed", str(options.seed), "--output", values], check=True)
        result = subprocess.run(["scripts/test", "ModelParityTests"], cwd=ROOT, text=True, capture_output=True,
                                env=os.environ | {"TROUPE_MODEL_PARITY": values})
    print("\n".join(line for line in result.stdout.splitlines() if "recorded an issue" in line or "Test run with" in line))
    return result.returncode


if __name__ == "__main__":
    options = arguments()
    differs = compare_files(options)
    if not options.no_gradients:
        differs += compare_gradients(options)
    sys.exit(1 if differs else 0)
