#!/usr/bin/env python3
"""Reference tokens of hostile strings for RoBERTa, by Hugging Face's `tokenizers` and `transformers`.

Writes byte_level_bpe.json into Tests/TextTests/Fixtures: a vocabulary and merges that are trained here, and the ids and
offsets of generated strings in which everything happens that Unicode allows, without and with a space put before every
text. Needs tokenizers and transformers >= 5.

    python3 scripts/goldens/byte_level_bpe.py
"""

import json
import pathlib
import tempfile

import tokenizers
import transformers

from hostile_text import hostile_strings

SEED = 20261127
FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "TextTests" / "Fixtures" / "byte_level_bpe.json"
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
SPACED = [" " * before + word + " " * after for before in range(4) for after in range(3)
          for word in ["a", "the", "it's", "\n\n", " \n", "don't we'll", "1984", "!?"]]


def train(folder, texts, size):
    """Writes vocab.json and merges.txt."""
    tokenizer = tokenizers.ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=size, special_tokens=SPECIALS, show_progress=False)
    tokenizer.save_model(str(folder))


def write_settings(folder, add_prefix_space):
    """Beside vocab.json: what `transformers` and `troupe` read; <mask> takes the white space before it."""
    added = {
        str(id): {"content": content, "lstrip": content == "<mask>", "rstrip": False, "normalized": False,
                  "single_word": False, "special": True} for id, content in enumerate(SPECIALS)}
    names = {"bos": 0, "cls": 0, "pad": 1, "eos": 2, "sep": 2, "unk": 3, "mask": 4}
    settings = {f"{name}_token": SPECIALS[id] for name, id in names.items()}
    pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "RobertaTokenizer", "add_prefix_space": add_prefix_space, "added_tokens_decoder": added,
        **settings}))
    pathlib.Path(folder, "config.json").write_text('{"model_type": "roberta"}')


def main():
    strings = [string for string in hostile_strings(80, SEED) if string][:75] + SPACED
    with tempfile.TemporaryDirectory() as folder:
        train(folder, list(hostile_strings(2000, SEED + 1)) + SPACED * 20, 900)
        result = {
            "generator": "scripts/goldens/byte_level_bpe.py", "seed": SEED,
            "vocabulary": pathlib.Path(folder, "vocab.json").read_text("utf-8"),
            "merges": pathlib.Path(folder, "merges.txt").read_text("utf-8"), "strings": [], "decoded": []}
        lines = [{"text": string, "tokens": []} for string in strings]
        for add_prefix_space in [False, True]:
            write_settings(folder, add_prefix_space)
            pipeline = transformers.RobertaTokenizer.from_pretrained(folder).backend_tokenizer
            for line in lines:
                encoding = pipeline.encode(line["text"], add_special_tokens=False)
                line["tokens"].append([[id, *place] for id, place in zip(encoding.ids, encoding.offsets)])
        for line in lines[:40]:
            # Cut where it may be in the middle of a character.
            ids = [token[0] for token in line["tokens"][0]][:25]
            result["decoded"].append({"ids": ids, "text": pipeline.decode(ids, skip_special_tokens=False),
                                      "without_specials": pipeline.decode(ids)})
        result["strings"] = lines
    FIXTURE.write_text(json.dumps(result, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
