#!/usr/bin/env python3
"""Reference tokens of hostile strings for ALBERT: ids by `sentencepiece`, offsets by Hugging Face's `tokenizers`.

Writes albert.json into Tests/TextTests/Fixtures: the pieces of a SentencePiece model and, for some settings and strings
in which everything happens that Unicode allows, the ids that transformers 4's `AlbertTokenizer` gives (its steps are
written out here, over `sentencepiece`), and the offsets of transformers 5's, which is a `tokenizers` pipeline, where its
ids are the same. Where they are not, it has normalized the text otherwise: it drops every mark (general category M), not
those of non-zero combining class alone; it applies the model's character rules to whole grapheme clusters and takes the
shortest rule; it splits at white space after the rules, not before; its digit-comma rule comes close only. Strings with
characters that the rules delete are left out of the offsets: `tokenizers` shifts all places behind a deletion at the
start of a text, and one place behind a character that was replaced by several.
Needs sentencepiece, protobuf, transformers >= 5.

    python3 scripts/goldens/sentencepiece_offsets.py
"""

import json
import pathlib
import re
import tempfile
import unicodedata

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2

from hostile_text import hostile_strings

SEED = 20261127
FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "TextTests" / "Fixtures" / "albert.json"
SETTINGS = [
    {"do_lower_case": True, "keep_accents": False, "remove_space": True},
    {"do_lower_case": False, "keep_accents": True, "remove_space": True},
]
SPECIALS = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
SYMBOLS = ["(", ")", '"', "-", ".", "–", "£", "€"]
PIECES = ["▁a", "▁9", "000,", "▁92", "0,", "2000", "4,", "▁1,", "he", "llo", "▁hello", "▁the"]


def is_assigned(character):
    """Whether this Python's tables hold a character: newer programs may know more of the others."""
    return unicodedata.category(character) != "Cn" or ord(character) & 0xFFFE == 0xFFFE


def assigned(strings):
    for string in strings:
        string = "".join(c for c in string if is_assigned(c))
        if string:
            yield string


class AlbertReference:
    """The steps of transformers 4's `AlbertTokenizer.tokenize` over sentencepiece."""

    def __init__(self, model, do_lower_case, keep_accents, remove_space):
        self.model = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.do_lower_case, self.keep_accents, self.remove_space = do_lower_case, keep_accents, remove_space

    def ids(self, text):
        specials = "|".join(re.escape(special) for special in SPECIALS)
        if self.do_lower_case:
            text = re.sub(f"({specials})|(.+?)", lambda m: m.group(1) or m.group(2).lower(), text)
        ids = []
        for part in re.split(f"({specials})", text):
            if part in SPECIALS:
                ids.append(SPECIALS.index(part))
            elif part:
                ids += [self.model.piece_to_id(piece) for piece in self.pieces(part)]
        return ids

    def pieces(self, text):
        if self.remove_space:
            text = " ".join(text.strip().split())
        text = text.replace("``", '"').replace("''", '"')
        if not self.keep_accents:
            text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        if self.do_lower_case:
            text = text.lower()
        result = []
        for piece in self.model.encode(text, out_type=str):
            if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit():
                again = self.model.encode(piece[:-1].replace("▁", ""), out_type=str)
                if piece[0] != "▁" and again[0][0] == "▁":
                    again = again[1:] if len(again[0]) == 1 else [again[0][1:]] + again[1:]
                result += again + [","]
            else:
                result.append(piece)
        return result


def trained(sentences):
    """A small model with ALBERT's symbols and the rules nmt_nfkc."""
    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences), model_prefix=f"{folder}/spiece", vocab_size=52, pad_id=0, unk_id=1,
            bos_id=-1, eos_id=-1, control_symbols=SPECIALS[2:], user_defined_symbols=SYMBOLS, minloglevel=2)
        return pathlib.Path(folder, "spiece.model").read_bytes()


def character_model(strings):
    """A model whose pieces are the characters that the strings have once normalized, and some longer pieces, so that no
    difference can hide in an unknown piece."""
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(trained(["the cat sat on the mat (in 1,234 - or 2019)"] * 20 + [
        "unbelievable unaffable walker's dog ran zebra quick fox jumped over lazy", "vowel hymns big jazz"]))
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())
    characters = {"▁"}
    for string in strings:
        decomposed = unicodedata.normalize("NFKD", string)
        for form in {decomposed, decomposed.lower(), string.lower(), string}:
            characters |= set(processor.normalize(form)) | set(form)
    del model.pieces[len(SPECIALS) + len(SYMBOLS):]
    known = {piece.piece for piece in model.pieces}
    for text, score in [(c, -5.0) for c in sorted(characters)] + [(piece, -6.0) for piece in PIECES]:
        if text not in known and text not in " \n\0":
            model.pieces.add(piece=text, score=score)
    model.trainer_spec.vocab_size = len(model.pieces)
    return model.SerializeToString()


def offsets_reference(model, settings):
    """Hugging Face's pipeline over a model. It knows scores alone, and transformers would cut user-defined symbols out of
    the text before all else, so these are normal pieces to it, with the score that sentencepiece gives them, -0.1; and
    pieces that end in a digit and a comma get 100 less, which comes close to ALBERT's rule."""
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    for piece in proto.pieces:
        if piece.type == piece.USER_DEFINED:
            piece.score, piece.type = -0.1, piece.NORMAL
        elif len(piece.piece) > 1 and piece.piece[-1] == "," and piece.piece[-2].isdigit():
            piece.score -= 100
    with tempfile.TemporaryDirectory() as folder:
        write_directory(folder, proto.SerializeToString(), settings)
        return transformers.AlbertTokenizer.from_pretrained(folder).backend_tokenizer


def write_directory(folder, model, settings):
    """A directory that `transformers` and `troupe` open; [MASK] takes the white space before it."""
    pathlib.Path(folder, "spiece.model").write_bytes(model)
    added = {
        str(id): {"content": content, "lstrip": content == "[MASK]", "rstrip": False, "normalized": False,
                  "single_word": False, "special": True} for id, content in enumerate(SPECIALS)}
    pathlib.Path(folder, "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "AlbertTokenizer", "added_tokens_decoder": added, **settings}))
    pathlib.Path(folder, "config.json").write_text('{"model_type": "albert"}')


def deleted_characters(model):
    """The control characters that the model's rules delete; those that become spaces stay."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return {chr(c) for c in range(1, 0xA0) if processor.normalize(f"x{chr(c)}x") == "▁xx"}


def tokens(string, reference, pipeline, deleted):
    """The ids of a string, and its offsets where the pipeline is to be trusted."""
    ids = reference.ids(string)
    if set(string) & deleted:
        return ids, None
    encoding = pipeline.encode(string, add_special_tokens=False)
    return ids, encoding.offsets if encoding.ids == ids else None


def main():
    strings = list(assigned(hostile_strings(130, SEED)))[:120]
    model = character_model(strings)
    deleted = deleted_characters(model)
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    result = {
        "generator": "scripts/goldens/sentencepiece_offsets.py", "seed": SEED,
        "pieces": [[piece.piece, str(piece.score), str(piece.type)] for piece in proto.pieces],
        "cases": []}
    for settings in SETTINGS:
        reference, pipeline = AlbertReference(model, **settings), offsets_reference(model, settings)
        lines = []
        for string in strings:
            ids, offsets = tokens(string, reference, pipeline, deleted)
            lines.append({"text": string, "ids": ids, "offsets": offsets})
        decoded = [{"ids": line["ids"][:20], "text": pipeline.decode(line["ids"][:20], skip_special_tokens=False),
                    "without_specials": pipeline.decode(line["ids"][:20])} for line in lines[:20]]
        result["cases"].append({"settings": settings, "strings": lines, "decoded": decoded})
        print(settings, len(lines), "strings,", sum(line["offsets"] is not None for line in lines), "with offsets")
    FIXTURE.write_text(json.dumps(result, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
