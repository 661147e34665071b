#!/usr/bin/env python3
"""Reference windows, answers and scores of SQuAD, computed by the published programs as PyPI has them.

Writes squad-features.json, squad-albert.json and squad-answers.json into Tests/TextTests/Fixtures, and squad-scores.json
into Tests/AlgorithmsTests/Fixtures:

- BERT's windows and answers by transformers.data (version 4 is the last to have it);
- ALBERT's windows and answers by official.nlp.data.squad_lib_sp of tf-models-official, for which an empty module stands
  in for TensorFlow; it and transformers hold the official scorer of version 2.0, and both must agree;
- the official scorer of version 1.1 as allennlp ships it.

    python3 -m venv VENV
    VENV/bin/pip install transformers==4.46.3 sentencepiece==0.2.0 absl-py six "numpy<2"
    VENV/bin/pip install --no-deps tf-models-official==2.20.0 allennlp==0.9.0
    VENV/bin/python scripts/goldens/squad.py
"""

import base64
import importlib.metadata
import io
import json
import pathlib
import random
import runpy
import sys
import tempfile
import types

import sentencepiece
from transformers import BertTokenizer
from transformers.data.metrics import squad_metrics
from transformers.data.processors import squad

# What tf-models-official imports and these functions never call.
for name in ("tensorflow", "tf_keras"):
    sys.modules[name] = types.ModuleType(name)

from official.nlp.data import squad_lib_sp  # noqa: E402
from official.nlp.tools import squad_evaluate_v2_0, tokenization  # noqa: E402

SEED = 20260801
TESTS = pathlib.Path(__file__).resolve().parents[2] / "Tests"
VERSIONS = {name: importlib.metadata.version(name)
            for name in ("transformers", "sentencepiece", "tf-models-official", "allennlp")}

VERSION_1 = runpy.run_path(
    next(str(f.locate()) for f in importlib.metadata.files("allennlp") if f.match("*/tools/squad_eval.py")))

VOCABULARY = """[PAD] [UNK] [CLS] [SEP] [MASK] the cat dog man ran sat on mat log park ##s ##ing run ##n walk ##ed un
##believ ##able ( ) - . , ' " ! ? $ 18 ##95 19 ##43 ##0 1 2 3 john smith steve who what when where was born in naive
cafe a ##b ##c b c and of to x ##x ele ##phant over hill new york city 日 本 é e i ##i ##e ##u u ™ 😀 م ##ا""".split()
WORDS = """the The cat dogs man ran Sat on mat logs park. running walked (1895-1943). John Smith Smith's steve's "cat"
naïve café CAFÉ unbelievable 19, $18 what! x xx new York-city 日本 日本の élé e\u0301 \u0301 ™ 😀 😀cat مام qqqqq
İi ﬁx a\u00a0b a\u2003c x\u200bx \u00ad [SEP] [MASK] 1,2 b\u0327\u0301 cat\u0000dog zero\ufffdwidth \u200b""".split(" ")
SPACES = [" "] * 12 + ["  ", "\n", "\t", "\r\n", "\u202f", " \u202f "]
ODD = ["the", "The", "a", "A", "an", "AN", "cat", "Cat", "dog", "U.S.", "army's", "COVID-19", "1895", "1,234", "½", "Ⅷ",
       "②", "à", "a\u0300", "e\u0301te", "été", "É", "İstanbul", "ΟΔΟΣ", "Σ", "ς", "ßtrasse", "ﬁ", "“The”", "‘an’", "the—cat",
       "a-an", "the_cat", "_a_", "a\u200bthe", "the\u00a0cat", "cat\u202fdog", "x\u2028y", "\u001cz", "\u0085", "\u0000",
       "the\u0000cat", "😀", "👩‍👩‍👧", "العربية", "עברית", "א\u05b7", "日本", "の", "한국", "한", "\u0301", "a\u0301n", "the\u0300",
       "™", "°", "$5", "!", "...", "``", "''", "\ufeff", "\ufffd", "ａ", "Ａ", "ªn", "a\u0345", "ͅ", "ᾳ", "ǅ", "ŉ", "𝐚", "𝒜n",
       "a1", "1a", "the²", "a\u0903", "an\u20dd", "٣", "a٣", "๑"]


def written(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    value = {"generator": "scripts/goldens/squad.py", "seed": SEED, "versions": VERSIONS, **value}
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text.replace('},{', '},\n{') + "\n")
    print(path, path.stat().st_size)


def bits(flags):
    return "".join("1" if flag else "0" for flag in flags)


def texts(random, low, high):
    parts = []
    for index in range(random.randint(low, high)):
        if index or random.random() < 0.1:
            parts.append(random.choice(SPACES))
        parts.append(random.choice(WORDS))
    if random.random() < 0.2:
        parts.append(random.choice(SPACES))
    return "".join(parts)


def span(random, passage):
    """A stretch of the passage: of whole words, or, now and then, of any characters, or of the wrong ones."""
    start = random.randrange(len(passage))
    end = min(len(passage), start + random.randint(1, 16))
    if random.random() < 0.7:
        while start > 0 and not passage[start - 1].isspace():
            start -= 1
        while end < len(passage) and not passage[end].isspace():
            end += 1
    text = passage[start:end]
    if random.random() < 0.15:
        start = random.randrange(len(passage))
    return text, start


def scores(random, count):
    """Multiples of 1/16, so that ties occur and float32 holds them exactly."""
    return [random.randint(-48, 48) / 16 for _ in range(count)]


class Result:
    def __init__(self, unique_id, start_logits, end_logits):
        self.unique_id, self.start_logits, self.end_logits = unique_id, start_logits, end_logits


# --- BERT -----------------------------------------------------------------------------------------------------------

def bert_tokenizer(directory):
    path = pathlib.Path(directory) / "vocab.txt"
    path.write_text("\n".join(VOCABULARY) + "\n")
    return BertTokenizer(str(path))


def is_sound(example, tokenizer):
    """Answers without tokens put the original off its path: it marks a separator as their start. A blank before all
    words is word -1 to it, which in a passage of one word is the first."""
    if example.is_impossible:
        return True
    if example.start_position < 0:
        return False
    words = example.doc_tokens[example.start_position:example.end_position + 1]
    return bool(example.answer_text.split()) and bool(words) and all(tokenizer.tokenize(word) for word in words)


def bert_features(tokenizer):
    generator = random.Random(SEED)
    squad.squad_convert_example_to_features_init(tokenizer)
    cases = []
    while len(cases) < 110:
        length, stride, limit = generator.choice([(24, 6, 8), (20, 4, 5), (32, 8, 10), (40, 13, 6), (384, 128, 64)])
        passage, question = texts(generator, 1, 40), texts(generator, 1, 12)
        is_impossible = generator.random() < 0.1
        text, start = span(generator, passage)
        example = squad.SquadExample("q", question, passage, None if is_impossible else text,
                                     None if is_impossible else start, "", is_impossible=is_impossible)
        if not is_sound(example, tokenizer):
            continue
        features = squad.squad_convert_example_to_features(example, length, stride, limit, "max_length", True)
        windows = []
        for feature in features:
            count = len(feature.tokens)
            places = sorted(feature.token_to_orig_map)
            windows.append({
                "ids": feature.input_ids[:count], "types": bits(feature.token_type_ids[:count]),
                "words": [feature.token_to_orig_map[p] for p in places],
                "max": bits(feature.token_is_max_context[p] for p in places),
                "answer": [feature.start_position, feature.end_position], "impossible": bool(feature.is_impossible)})
        cases.append({"length": length, "stride": stride, "limit": limit, "passage": passage, "question": question,
                      "answer": None if is_impossible else text, "start": start, "windows": windows})
    return cases


def bert_answers(tokenizer, directory):
    generator = random.Random(SEED + 1)
    squad.squad_convert_example_to_features_init(tokenizer)
    groups = []
    for group in range(12):
        length, stride, limit, kept, longest = 20 + 4 * (group % 3), 6, 6, 3 + 3 * (group % 4), 3 + group % 5
        threshold = generator.choice([0.0, -1.0, 1.5])
        examples, features, results = [], [], []
        for index in range(5):
            example = squad.SquadExample(f"q{index}é", texts(generator, 1, 8), texts(generator, 1, 24), None, None, "")
            examples.append(example)
            for feature in squad.squad_convert_example_to_features(
                    example, length, stride, limit, "max_length", False):
                feature.example_index, feature.unique_id = index, 1000000000 + len(features)
                features.append(feature)
                count = len(feature.tokens)
                results.append(Result(feature.unique_id, scores(generator, count), scores(generator, count)))
        outputs = []
        for version_2 in (False, True):
            files = [str(pathlib.Path(directory) / name) for name in ("predictions", "nbest", "odds")]
            squad_metrics.compute_predictions_logits(
                examples, features, results, kept, longest, True, *files, False, version_2, threshold, tokenizer)
            read = [pathlib.Path(file).read_text() for file in files[:3 if version_2 else 2]]
            outputs.append([base64.b64encode(text.encode()).decode() if group == 0 else json.loads(text)
                            for text in read])
        groups.append({
            "length": length, "stride": stride, "limit": limit, "kept": kept, "longest": longest,
            "threshold": threshold, "examples": [[e.qas_id, e.question_text, e.context_text] for e in examples],
            "scores": [[[int(x * 16) for x in r.start_logits], [int(x * 16) for x in r.end_logits]] for r in results],
            "version1": outputs[0], "version2": outputs[1], "asWritten": group == 0})
    return groups


def final_texts():
    generator = random.Random(SEED + 2)
    basic = {lower: squad_metrics.BasicTokenizer(do_lower_case=lower) for lower in (False, True)}
    cases = [("steve smith", "Steve Smith's", True), ("1895", "(1895-1943).", True), ("cafe", "the café.", True),
             ("co", "COVID-19", True), ("x", "", True), ("covid - 19", "\"COVID-19\",", True)]
    while len(cases) < 150:
        # A sigma that ends a word is lower-cased otherwise by the fast tokenizers, which ours follows.
        original = " ".join(generator.choice([w for w in WORDS + ODD if "Σ" not in w]) for _ in range(generator.randint(1, 5)))
        original = " ".join(squad.SquadExample("", "", original, None, None, "").doc_tokens)
        lower = generator.random() < 0.7
        tokens = basic[lower].tokenize(original)
        if not tokens:
            continue
        start = generator.randrange(len(tokens))
        predicted = " ".join(tokens[start:start + generator.randint(1, 4)])
        if generator.random() < 0.2:
            predicted = predicted[:max(1, len(predicted) - 1)].strip()
        if predicted:
            cases.append((predicted, original, lower))
    return [[predicted, original, lower, squad_metrics.get_final_text(predicted, original, lower)]
            for predicted, original, lower in cases]


# --- ALBERT ---------------------------------------------------------------------------------------------------------

ALBERT_WORDS = """the The cat cats dog CAT sat on mat log park ran running café naïve ﬁne ½ … ① 1,234 2019, 19, (old) "to"
believable e\u0301 İ ガ ｶﾞ xyz a\u0300\u0301\u0302 \u0000 😀 unbelievable a\u00adb ™ ``the'' \u200b £5 -""".split(" ")


def albert_model(directory):
    """A vocabulary small enough for the fixture: without normalization rules it takes about 1 kB."""
    corpus = ["the cat sat on the mat .", "the dog sat on the log .", "a cat and a dog ran to the park .",
              "the man ran and ran (in 2019) to the \"old\" park .", "believable affable beatable unbelievable",
              "the cats and dogs believe the man .", "she paid £5 - not 7 - for 1,234 cats .", "cafe naive fine xyz"]
    bytes_ = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=bytes_, vocab_size=70, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
        control_symbols=["[CLS]", "[SEP]", "[MASK]"], normalization_rule_name="identity", num_threads=1,
        character_coverage=1.0, hard_vocab_limit=False)
    path = pathlib.Path(directory) / "spiece.model"
    path.write_bytes(bytes_.getvalue())
    return tokenization.FullSentencePieceTokenizer(str(path)), base64.b64encode(bytes_.getvalue()).decode()


def albert_text(generator, low, high):
    return "".join(generator.choice(SPACES) * (index > 0) + generator.choice(ALBERT_WORDS)
                   for index in range(generator.randint(low, high)))


def albert(directory):
    tokenizer, model = albert_model(directory)
    generator = random.Random(SEED + 3)

    def convert(examples, is_training, length, stride, limit):
        features = []
        squad_lib_sp.convert_examples_to_features(
            examples, tokenizer, length, stride, limit, is_training,
            lambda feature, is_padding=False: None if is_padding else features.append(feature), True, batch_size=1)
        return features

    cases = []
    while len(cases) < 80:
        length, stride, limit = generator.choice([(30, 8, 8), (24, 5, 5), (60, 20, 12), (512, 128, 64)])
        passage, question = albert_text(generator, 1, 18), albert_text(generator, 1, 6)
        is_impossible = generator.random() < 0.1
        text, start = span(generator, passage)
        start = min(start, len(passage) - len(text))
        example = squad_lib_sp.SquadExample(
            "q", question, passage, "" if is_impossible else text, -1 if is_impossible else start,
            is_impossible=is_impossible)
        try:
            features = convert([example], True, length, stride, limit)
            reversed_ = False
        except AssertionError:  # the answer's tokens end before they start; ours drops such an example
            features, reversed_ = [], True
        windows = []
        for feature in features:
            count = feature.paragraph_len
            windows.append({
                "ids": feature.input_ids[:count], "starts": feature.tok_start_to_orig_index,
                "ends": feature.tok_end_to_orig_index, "types": bits(feature.segment_ids[:count]),
                "mask": bits(1 - flag for flag in feature.paragraph_mask[:count]),
                "max": bits(feature.token_is_max_context[p] for p in sorted(feature.token_is_max_context)),
                "answer": [feature.start_position, feature.end_position], "impossible": bool(feature.is_impossible)})
        cases.append({"length": length, "stride": stride, "limit": limit, "passage": passage, "question": question,
                      "answer": None if is_impossible else text, "start": start, "windows": windows})
        assert not (reversed_ and windows)

    groups = []
    for group in range(6):
        length, stride, limit, kept, longest = 30, 8, 8, 4 + 2 * group, 3 + group
        examples = [squad_lib_sp.SquadExample(f"q{i}", albert_text(generator, 1, 4), albert_text(generator, 1, 12))
                    for i in range(4)]
        features = convert(examples, False, length, stride, limit)
        results = []
        for number, feature in enumerate(features):
            feature.unique_id = 1000000000 + number
            count = feature.paragraph_len
            results.append(Result(feature.unique_id, scores(generator, count), scores(generator, count)))
        predictions, nbest, _ = squad_lib_sp.postprocess_output(
            examples, features, results, kept, longest, True, version_2_with_negative=False)
        groups.append({
            "length": length, "stride": stride, "limit": limit, "kept": kept, "longest": longest,
            "examples": [[e.qas_id, e.question_text, e.paragraph_text] for e in examples],
            "scores": [[[int(x * 16) for x in r.start_logits], [int(x * 16) for x in r.end_logits]] for r in results],
            "version1": [predictions, nbest]})
    return {"model": model, "features": cases, "answers": groups}


# --- Scores ---------------------------------------------------------------------------------------------------------

class Question:
    def __init__(self, qas_id, answers):
        self.qas_id, self.answers = qas_id, [{"text": text} for text in answers]


def score_sets():
    generator = random.Random(SEED + 4)
    sets = []
    while len(sets) < 500:
        version_2 = len(sets) % 3 > 0
        has_odds = len(sets) % 3 == 2
        questions, predictions, odds = [], {}, {}
        for index in range(generator.randint(3, 5)):
            words = lambda: [generator.choice(ODD) for _ in range(generator.randint(1, 3))]  # noqa: E731
            answers = [generator.choice(["", " ", "\u00a0"]).join(words()) if generator.random() < .3 else " ".join(words())
                       for _ in range(generator.randint(1, 2))]
            if version_2 and generator.random() < 0.4:
                answers = []
            prediction = " ".join(words())
            if answers and generator.random() < 0.6:
                near = generator.choice(answers)
                prediction = generator.choice([
                    near, near.upper(), "the " + near, near + " " + prediction, near.replace(" ", "  ") + "."])
            if version_2 and generator.random() < 0.3:
                prediction = ""
            questions.append(Question(str(index), answers))
            if version_2 or generator.random() < 0.9:
                predictions[str(index)] = prediction
                odds[str(index)] = generator.randint(-12, 12) / 8
        data = [{"paragraphs": [{"qas": [{"id": q.qas_id, "answers": q.answers} for q in questions]}]}]
        if version_2:
            expected = squad_metrics.squad_evaluate(questions, predictions, odds if has_odds else None)
            other = squad_evaluate_v2_0.evaluate(data, predictions, odds if has_odds else None)
            renamed = {key.replace("final_", "best_"): value for key, value in other.items()}
            assert all(renamed[key] == value for key, value in expected.items()), (expected, other)
            if not has_odds:
                expected = {key: value for key, value in expected.items() if not key.startswith("best_")}
        else:
            expected = VERSION_1["evaluate"](data, predictions)
        entry = {"q": [[[a["text"] for a in q.answers], predictions.get(q.qas_id)] for q in questions],
                 "e": list(expected.items())}
        if has_odds:
            entry["o"] = [odds[q.qas_id] for q in questions]
        entry["v"] = 2 if version_2 else 1
        sets.append(entry)
    normalized = [[text, squad_metrics.normalize_answer(text)] for text in
                  ["The U.S. Army's  an apple", "a-an", "“The” cat", "the the"] + ODD]
    return {"normalized": normalized, "sets": sets}


def main():
    # sys.stderr = io.StringIO()  # the scorer of version 1.1 reports each question without a prediction
    with tempfile.TemporaryDirectory() as directory:
        tokenizer = bert_tokenizer(directory)
        text_fixtures = TESTS / "TextTests" / "Fixtures"
        written(text_fixtures / "squad-features.json", {"vocabulary": VOCABULARY, "cases": bert_features(tokenizer)})
        written(text_fixtures / "squad-answers.json",
                {"vocabulary": VOCABULARY, "groups": bert_answers(tokenizer, directory), "texts": final_texts()})
        written(text_fixtures / "squad-albert.json", albert(directory))
    written(TESTS / "AlgorithmsTests" / "Fixtures" / "squad-scores.json", score_sets())


if __name__ == "__main__":
    main()
