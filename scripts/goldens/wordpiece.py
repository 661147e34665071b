#!/usr/bin/env python3
"""Reference tokens of hostile strings, by Hugging Face's `tokenizers` and `transformers`.

Writes wordpiece.json into Tests/TextTests/Fixtures: a small vocabulary, and for several settings the ids and offsets of
generated strings in which everything happens that Unicode allows; and encodings of pairs under every truncation. Most
characters of the strings are tokens of the vocabulary, so that a character which is lost, kept or moved shows.
Needs tokenizers and transformers.

    python3 scripts/goldens/wordpiece.py
"""

import json
import pathlib
import random
import tempfile

import tokenizers
import transformers

from hostile_text import hostile_strings

SEED = 20261127
FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "TextTests" / "Fixtures" / "wordpiece.json"
SETTINGS = [
    {"do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True},
    {"do_lower_case": False, "strip_accents": None, "tokenize_chinese_chars": True},
    {"do_lower_case": True, "strip_accents": False, "tokenize_chinese_chars": False},
    {"do_lower_case": False, "strip_accents": True, "tokenize_chinese_chars": True},
]
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def tokenizer(vocabulary, settings):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary), "utf-8")
        return transformers.BertTokenizer.from_pretrained(folder, **settings)


def character_vocabulary(strings):
    """The special tokens, the ASCII letters and digits, and every other character that the strings have in any
    normalized form, each as the start and the rest of a word. A twentieth of them is left out, for unknown words."""
    found = set()
    for settings in SETTINGS:
        normalizer = tokenizers.normalizers.BertNormalizer(
            lowercase=settings["do_lower_case"], strip_accents=settings["strip_accents"],
            handle_chinese_chars=settings["tokenize_chinese_chars"])
        for string in strings:
            found.update(normalizer.normalize_str(string))
    characters = sorted(c for c in found if not c.isspace())
    kept = [c for c in characters if ord(c) < 128 or ord(c) * 7919 % 20]
    words = ["hello", "un", "##aff", "##able", "the", "##ing"]
    return SPECIALS + words + [c for c in kept if c not in words] + [f"##{c}" for c in kept]


def encoded(model, string):
    encoding = model.backend_tokenizer.encode(string, add_special_tokens=False)
    return [[token, start, end] for token, (start, end) in zip(encoding.ids, encoding.offsets)]


def truncations(model):
    rng = random.Random(SEED)
    words = ["hello", "the", "unaffable", "a", "b", "!", "[MASK]"]
    for _ in range(60):
        first = " ".join(rng.choice(words) for _ in range(rng.randint(0, 9)))
        # Never an empty second text: transformers takes it for none, tokenizers for one without tokens.
        second = None if rng.random() < 0.3 else " ".join(rng.choice(words) for _ in range(rng.randint(1, 9)))
        strategy = rng.choice(["longest_first", "longest_first", "only_first", "only_second"])
        case = {
            "text": first, "pair": second, "truncation": strategy, "max_length": rng.randint(5, 16),
            "stride": rng.choice([0, 0, 1, 2])}
        try:
            windows = model(
                first, second, truncation=strategy, max_length=case["max_length"], stride=case["stride"],
                return_overflowing_tokens=True, return_offsets_mapping=True)
            case["windows"] = [
                {"ids": ids, "types": types, "offsets": offsets}
                for ids, types, offsets in zip(
                    windows["input_ids"], windows["token_type_ids"], windows["offset_mapping"])]
        except BaseException:  # what Rust gives up with is no Exception
            case["windows"] = None
        # With nothing left of a text the reference makes a window over all of it, longer than the limit.
        if case["windows"] is None or all(len(w["ids"]) <= case["max_length"] for w in case["windows"]):
            yield case


def main():
    strings = list(hostile_strings(200, SEED))
    vocabulary = character_vocabulary(strings)
    models = [tokenizer(vocabulary, settings) for settings in SETTINGS]
    decoded = [encoding["input_ids"] for encoding in map(models[0], strings[:40])]
    decoded.append(models[0].convert_tokens_to_ids(
        ["hello", "!", "a", "n", "'", "t", "the", ",", "'", "s", ".", "?", "[MASK]", "##ing", "un", "##aff"]))
    fixture = {
        "generator": "scripts/goldens/wordpiece.py", "seed": SEED, "tokenizers": tokenizers.__version__,
        "transformers": transformers.__version__, "vocabulary": vocabulary, "settings": SETTINGS,
        "strings": [
            {"text": string, "tokens": [encoded(model, string) for model in models]} for string in strings],
        "truncations": list(truncations(models[0])),
        "decoded": [
            {
                "ids": ids, "text": models[0].decode(ids, clean_up_tokenization_spaces=True),
                "without_specials": models[0].decode(
                    ids, clean_up_tokenization_spaces=True, skip_special_tokens=True),
            } for ids in decoded],
    }
    FIXTURE.parent.mkdir(parents=True, exist_ok=True)
    FIXTURE.write_text(json.dumps(fixture, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n", "utf-8")
    print(f"wrote {FIXTURE}: {len(vocabulary)} tokens, {len(strings)} strings, {FIXTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
