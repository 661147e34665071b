"""Compares `troupe tokenize` with Hugging Face's tokenizers: ids and offsets of every line of some text files and of
generated strings of hostile Unicode.

The files are tokenized with the model's tokenizer. The strings are, too, and a second and a third time with
vocabularies of single characters, uncased and cased, in which no difference can hide in an unknown word. Then both are
timed on one thread over the lines of the first file.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
# The generators of the goldens have the hostile strings.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "goldens"))


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/parity wordpiece", description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="a directory with a tokenizer's files (default: single characters only)")
    parser.add_argument("--strings", type=int, default=20_000, help="generated strings (default 20000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="differences to show (default 3)")
    parser.add_argument("--no-speed", action="store_true", help="do not time")
    parser.add_argument("files", nargs="*", help="text files (.json: every string in it; else every line)")
    return parser.parse_args()


def texts_of(path):
    """The texts of a file that are not empty."""
    if path.endswith(".json"):
        found = []

        def walk(value):
            if isinstance(value, str):
                found.append(value)
            elif value is not None and not isinstance(value, (int, float)):
                for member in value.values() if isinstance(value, dict) else value:
                    walk(member)

        walk(json.loads(pathlib.Path(path).read_bytes()))
        return [text for text in found if text]
    return [line for line in pathlib.Path(path).read_bytes().decode().split("\n") if line]


def reference(directory):
    import transformers
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def ours(directory, texts):
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder, "lines.jsonl")
        lines.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        with open(pathlib.Path(folder, "out"), "w+b") as out:
            subprocess.run(
                [os.environ["TROUPE"], "tokenize", "--model", directory, "--json", "--input", str(lines)], check=True,
                stdout=out)
            out.seek(0)
            return [json.loads(line) for line in out.read().split(b"\n") if line]


def compare(name, directory, texts, show):
    """Prints and returns the number of texts whose ids or offsets differ."""
    tokenizer = reference(directory)
    differences = tokens = 0
    results = ours(directory, texts)
    if len(results) != len(texts):
        sys.exit(f"parity: {name}: {len(texts)} texts, but {len(results)} results")
    for text, result in zip(texts, results):
        expected = tokenizer.encode(text)
        tokens += len(expected.ids)
        offsets = [list(pair) for pair in expected.offsets]
        if (result["input_ids"], result["offsets"], result["token_type_ids"], result["tokens"]) != (
                expected.ids, offsets, expected.type_ids, expected.tokens):
            differences += 1
            if differences <= show:
                print(f"  {text!r}\n    expected {expected.ids} {offsets}\n    got      {result['input_ids']} "
                      f"{result['offsets']}")
    print(f"{name}: {len(texts)} texts, {tokens} tokens, {differences} differences", flush=True)
    return differences


def character_model(folder, strings, cased):
    """A directory with a vocabulary of the characters that the strings have once normalized."""
    import tokenizers
    normalizer = tokenizers.normalizers.BertNormalizer(lowercase=not cased, strip_accents=None)
    characters = sorted({c for string in strings for c in normalizer.normalize_str(string) if not c.isspace()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + characters + [f"##{c}" for c in characters]
    pathlib.Path(folder, "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary), "utf-8")
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": not cased}
    pathlib.Path(folder, "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    pathlib.Path(folder, "config.json").write_text(json.dumps({"model_type": "bert"}), "utf-8")
    return folder


def speed(directory, path):
    """Megabytes per second of the reference, of it without its Python objects of results, and of ours."""
    texts = texts_of(path)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    tokenizer = reference(directory)

    def rate(encode):
        encode(texts)
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            encode(texts)
            seconds.append(time.perf_counter() - start)
        return megabytes / sorted(seconds)[1]

    plain = rate(tokenizer.encode_batch)
    fast = rate(tokenizer.encode_batch_fast)
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder, "lines.txt")
        lines.write_text("".join(f"{text}\n" for text in texts), "utf-8")
        result = subprocess.run(
            [os.environ["TROUPE"], "bench", "tokenize", "--model", directory, "--input", str(lines), "--json"],
            check=True, capture_output=True)
    rate_of_ours = json.loads(result.stdout)["megabytes_per_second"]
    print(f"one thread, {path}, {megabytes:.2f} MB: tokenizers {plain:.2f} MB/s, without offsets {fast:.2f} MB/s; "
          f"troupe {rate_of_ours:.2f} MB/s")


def main():
    from hostile_text import hostile_strings
    options = arguments()
    strings = list(hostile_strings(options.strings, options.seed))
    differences = 0
    if options.model:
        for path in options.files:
            differences += compare(path, options.model, texts_of(path), options.show)
        differences += compare("generated strings", options.model, strings, options.show)
    for cased in [False, True]:
        with tempfile.TemporaryDirectory() as folder:
            name = f"generated strings, {'cased' if cased else 'uncased'} characters"
            differences += compare(name, character_model(folder, strings, cased), strings, options.show)
    if options.model and options.files and not options.no_speed:
        speed(options.model, options.files[0])
    print(f"{differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
