"""Compares `troupe tokenize` for ALBERT, RoBERTa and Japanese BERT with sentencepiece, tokenizers and transformers: ids and
offsets of text files and of generated strings of hostile Unicode.

Models are trained on the files unless a directory is given. ALBERT's ids are held against sentencepiece behind the steps
of transformers 4's AlbertTokenizer; its offsets against those of tokenizers wherever its ids are the same (why they
may not be: scripts/goldens/sentencepiece_offsets.py). The strings are tokenized a second time with pieces of single
characters, in which no difference can hide in an unknown piece; those have no characters that this Python's Unicode
tables lack. Japanese needs transformers 4, fugashi and ipadic, and is left out without them; MeCab ends a text at a NUL,
so such strings are left out.
"""

import argparse
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
# The generators of the goldens have the hostile strings.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "goldens"))


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/parity subwords", description=__doc__.splitlines()[0])
    parser.add_argument("--albert", help="a directory with spiece.model")
    parser.add_argument("--roberta", help="a directory with vocab.json and merges.txt")
    parser.add_argument("--strings", type=int, default=20_000, help="generated strings (default 20000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="differences to show (default 3)")
    parser.add_argument("files", nargs="+", help="text files (.json: every string in it; else every line)")
    return parser.parse_args()


def texts_of(path):
    """The texts of a file that are not empty."""
    if not path.endswith(".json"):
        return [line for line in pathlib.Path(path).read_bytes().decode().split("\n") if line]

    def walk(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list)):
            for member in value.values() if isinstance(value, dict) else value:
                yield from walk(member)

    return [text for text in walk(json.loads(pathlib.Path(path).read_bytes())) if text]


def ours(directory, texts):
    """Ids and offsets of each text without the special tokens around it."""
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder, "lines.jsonl")
        lines.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
        command = [os.environ["TROUPE"], "tokenize", "--model", str(directory), "--json", "--input", str(lines)]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    results = [json.loads(line) for line in out.split(b"\n") if line]
    if len(results) != len(texts):
        sys.exit(f"parity: {directory}: {len(texts)} texts, but {len(results)} results")
    return [(result["input_ids"][1:-1], result["offsets"][1:-1]) for result in results]


def compare(name, directory, texts, reference, show):
    """Prints and returns the number of differences; `reference` gives ids, and offsets or None."""
    differences = tokens = placed = 0
    for text, (ids, offsets) in zip(texts, ours(directory, texts)):
        expected_ids, expected_offsets = reference(text)
        tokens += len(expected_ids)
        placed += expected_offsets is not None
        if expected_offsets is None:
            offsets = None
        else:
            expected_offsets = [list(pair) for pair in expected_offsets]
        if (ids, offsets) != (expected_ids, expected_offsets):
            differences += 1
            if differences <= show:
                print(f"  {text!r}\n    expected {expected_ids} {expected_offsets}\n    got      {ids} {offsets}")
    print(f"{name}: {len(texts)} texts, {tokens} tokens, {placed} texts with offsets, {differences} differences",
          flush=True)
    return differences


def albert(options, files, strings):
    import sentencepiece
    import sentencepiece_offsets as golden

    def check(name, model, settings, texts, places=True):
        reference, pipeline = golden.AlbertReference(model, **settings), golden.offsets_reference(model, settings)
        deleted = golden.deleted_characters(model)
        with tempfile.TemporaryDirectory() as folder:
            golden.write_directory(folder, model, settings)

            def tokens(text):
                ids, offsets = golden.tokens(text, reference, pipeline, deleted)
                return ids, offsets if places else None

            return compare(f"albert, {name}", folder, texts, tokens, options.show)

    strings = list(golden.assigned(strings))
    if options.albert:
        model = pathlib.Path(options.albert, "spiece.model").read_bytes()
    else:
        with tempfile.TemporaryDirectory() as folder:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=(text for texts in files.values() for text in texts),
                model_prefix=f"{folder}/spiece", vocab_size=8000, hard_vocab_limit=False, pad_id=0, unk_id=1, bos_id=-1,
                eos_id=-1, control_symbols=golden.SPECIALS[2:], user_defined_symbols=golden.SYMBOLS,
                character_coverage=0.99995, minloglevel=2)
            model = pathlib.Path(folder, "spiece.model").read_bytes()
    differences = sum(check(path, model, golden.SETTINGS[0], texts) for path, texts in files.items())
    # Unknown pieces hide where the pipeline normalizes otherwise, so that equal ids say nothing of places.
    differences += check("generated strings, ids alone", model, golden.SETTINGS[0], strings, places=False)
    characters = golden.character_model(strings)
    for settings in golden.SETTINGS:
        name = "keeping accents and case" if settings["keep_accents"] else "without accents and case"
        differences += check(f"generated strings, characters, {name}", characters, settings, strings)
    return differences


def roberta(options, files, strings):
    import byte_level_bpe as golden
    import transformers
    differences = 0
    with tempfile.TemporaryDirectory() as trained, tempfile.TemporaryDirectory() as hostile:
        folder = pathlib.Path(options.roberta or trained)
        vocabularies = {"": [pathlib.Path(folder, name) for name in ["vocab.json", "merges.txt"]]}
        if not options.roberta:
            golden.train(trained, [text for texts in files.values() for text in texts], 20_000)
        golden.train(hostile, strings + golden.SPACED * 50, 6_000)
        vocabularies[", their own vocabulary"] = [pathlib.Path(hostile, name) for name in ["vocab.json", "merges.txt"]]
        for vocabulary, paths in vocabularies.items():
            for add_prefix_space in [False, True]:
                with tempfile.TemporaryDirectory() as model:
                    for path in paths:
                        pathlib.Path(model, path.name).write_bytes(path.read_bytes())
                    golden.write_settings(model, add_prefix_space)
                    pipeline = transformers.RobertaTokenizer.from_pretrained(model).backend_tokenizer

                    def reference(text):
                        encoding = pipeline.encode(text, add_special_tokens=False)
                        return encoding.ids, encoding.offsets

                    texts = {"generated strings": strings} | ({} if vocabulary else files)
                    for name, lines in texts.items():
                        name = f"roberta, {name}{vocabulary}{', with a space before' if add_prefix_space else ''}"
                        differences += compare(name, model, lines, reference, options.show)
    return differences


def japanese(options, strings):
    import transformers
    if not all(map(importlib.util.find_spec, ["fugashi", "ipadic"])) or transformers.__version__ >= "5":
        print("japanese: left out: it needs transformers 4, fugashi and ipadic")
        return 0
    import random
    import unicodedata
    from sentencepiece_offsets import assigned
    from hostile_text import WORDS
    rng = random.Random(options.seed)
    fragments = WORDS + [
        "アップルストアでiPhone８が発売された。", "ｱｯﾌﾟﾙ", "カ\u3099", "日本語を話す", "こんにちは、世界！", "㍿", "ﾊﾟｿｺﾝ", "京都",
        "すもももももももものうち", "ＡＢＣ", "々", "〜", "～", "が", "か\u3099", "각", "\u3000", " ", "\n"]
    texts = ["".join(rng.choice(fragments) for _ in range(rng.randint(1, 20))) for _ in range(len(strings) // 2)]
    texts = [text for text in assigned(texts + strings[:len(strings) // 2]) if "\0" not in text]
    characters = sorted({c for text in texts for c in unicodedata.normalize("NFKC", text) if not c.isspace()})
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "アップル", "発売", "iPhone"]
    vocabulary += characters + [f"##{c}" for c in characters]
    mecab = {"word_tokenizer_type": "mecab", "mecab_kwargs": {"mecab_dic": "ipadic"}}
    differences = 0
    for name, settings in {
            "MeCab and WordPiece": {**mecab, "subword_tokenizer_type": "wordpiece"},
            "MeCab and characters": {**mecab, "subword_tokenizer_type": "character"},
            "words already split": {"word_tokenizer_type": "mecab", "do_word_tokenize": False}}.items():
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary), "utf-8")
            pathlib.Path(folder, "config.json").write_text('{"model_type": "bert"}')
            pathlib.Path(folder, "tokenizer_config.json").write_text(
                json.dumps({"tokenizer_class": "BertJapaneseTokenizer", "do_lower_case": False, **settings}))
            tokenizer = transformers.BertJapaneseTokenizer.from_pretrained(folder)
            differences += compare(
                f"japanese, {name}", folder, texts,
                lambda text: (tokenizer.convert_tokens_to_ids(tokenizer.tokenize(text)), None), options.show)
    return differences


def main():
    from hostile_text import hostile_strings
    options = arguments()
    files = {path: texts_of(path) for path in options.files}
    strings = [string for string in hostile_strings(options.strings, options.seed) if string]
    import transformers
    differences = 0
    if transformers.__version__ >= "5":
        differences += albert(options, files, strings) + roberta(options, files, strings)
    else:
        print("albert, roberta: left out: their offsets are those of transformers 5")
    differences += japanese(options, strings)
    print(f"{differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
