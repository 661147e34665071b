#!/usr/bin/env python3
"""Opens a model directory with `transformers` and compares its logits with ours.

The second argument is a JSON file:
    {"input_ids": [[...]], "attention_mask": [[...]], "token_type_ids": [[...]],
     "prediction_logits": [[...], ...], "rows": [b * S + position, ...], "pair_logits": [[...]]}
Exits 1 if a key is missing or unexpected, if a shape differs, or if any logit differs by more than 1e-4.
Needs torch and transformers.

    python3 scripts/verify_model_directory.py MODEL_DIRECTORY LOGITS.json
"""

import json
import sys

import torch
import transformers

TOLERANCE = 1e-4


def fail(message):
    print(f"verify_model_directory: {message}", file=sys.stderr)
    sys.exit(1)


def main(directory, logits_path):
    config = transformers.AutoConfig.from_pretrained(directory)
    architecture = getattr(transformers, config.architectures[0])
    model, info = architecture.from_pretrained(directory, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        if info.get(kind):
            fail(f"{kind}: {sorted(info[kind])}")
    with open(logits_path) as file:
        ours = json.load(file)
    inputs = {key: torch.tensor(ours[key]) for key in ("input_ids", "attention_mask", "token_type_ids")}
    with torch.no_grad():
        output = model.eval()(**inputs)
    predictions = output.prediction_logits.view(-1, config.vocab_size)[ours["rows"]]
    pairs = output.sop_logits if hasattr(output, "sop_logits") else output.seq_relationship_logits
    for name, theirs in (("prediction_logits", predictions), ("pair_logits", pairs)):
        mine = torch.tensor(ours[name])
        if mine.shape != theirs.shape:
            fail(f"{name}: expected shape {tuple(theirs.shape)}, got {tuple(mine.shape)}")
        difference = (mine - theirs).abs().max().item()
        print(f"{name}: largest difference {difference:.2e} over {mine.numel()} values")
        if not difference <= TOLERANCE:
            fail(f"{name} differ by more than {TOLERANCE}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        fail("usage: verify_model_directory.py MODEL_DIRECTORY LOGITS.json")
    main(sys.argv[1], sys.argv[2])
