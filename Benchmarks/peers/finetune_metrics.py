"""The metrics of the fine-tuning benchmark, by the definitions of GLUE, seqeval and the scorer of SQuAD 1.1.

Written out here, so that the peer needs neither scikit-learn nor seqeval. Measures that are 0 / 0 are 0.
"""

import collections
import math
import re
import string


def ratio(numerator, denominator):
    return numerator / denominator if denominator else 0.0


def class_metrics(predictions, labels, count):
    """Accuracy, Matthews' coefficient, micro- and macro-F1; F1 of class 1 if there are two."""
    hits, predicted, actual = [0] * count, [0] * count, [0] * count
    for prediction, label in zip(predictions, labels, strict=True):
        predicted[prediction] += 1
        actual[label] += 1
        hits[label] += prediction == label
    total, right = len(labels), sum(hits)
    f1 = [ratio(2 * hits[i], predicted[i] + actual[i]) for i in range(count)]
    occurring = [f1[i] for i in range(count) if predicted[i] + actual[i]]
    covariance = right * total - sum(p * a for p, a in zip(predicted, actual))
    spread = (total**2 - sum(p * p for p in predicted)) * (total**2 - sum(a * a for a in actual))
    metrics = {
        "eval_accuracy": ratio(right, total),
        "eval_mcc": ratio(covariance, math.sqrt(spread)),
        "eval_f1_micro": ratio(2 * right, sum(predicted) + sum(actual)),
        "eval_f1_macro": ratio(sum(occurring), len(occurring)),
    }
    return metrics | ({"eval_f1": f1[1]} if count == 2 else {})


def entities(tags):
    """The entities of a sentence as (type, start, end), by the default rules of seqeval."""
    found, start, (mark, kind) = [], 0, ("O", "")
    for index, tag in enumerate([*tags, "O"]):
        next_mark, _, next_kind = tag.partition("-")
        # An entity ends where another begins, where the type changes, and before what is none.
        if mark != "O" and (mark in "ES" or next_mark in "BSO" or next_kind != kind):
            found.append((kind, start, index))
        if next_mark != "O" and (next_mark in "BS" or mark in "ESO" or next_kind != kind):
            start = index
        mark, kind = next_mark, next_kind
    return found


def entity_metrics(predictions, labels):
    """Precision, recall and F1 of entities over all sentences, and the share of words with the right tag."""
    correct = predicted = actual = right = words = 0
    for prediction, label in zip(predictions, labels, strict=True):
        found, wanted = set(entities(prediction)), set(entities(label))
        correct += len(found & wanted)
        predicted += len(found)
        actual += len(wanted)
        right += sum(p == w for p, w in zip(prediction, label, strict=True))
        words += len(label)
    return {
        "eval_precision": ratio(correct, predicted),
        "eval_recall": ratio(correct, actual),
        "eval_f1": ratio(2 * correct, predicted + actual),
        "eval_accuracy": ratio(right, words),
    }


def normalized_answer(text):
    """Lower-cased, without punctuation and articles, one blank between words; in the order of the official scorer."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def answer_f1(prediction, gold):
    """F1 of the words that two answers share."""
    left, right = normalized_answer(prediction).split(), normalized_answer(gold).split()
    common = sum((collections.Counter(left) & collections.Counter(right)).values())
    return ratio(2 * common, len(left) + len(right)) if common else 0.0


def answer_metrics(predictions, golds):
    """Exact matches and mean F1 in per cent, each against the most similar of a question's right answers."""
    exact = f1 = 0.0
    for prediction, answers in zip(predictions, golds, strict=True):
        exact += max(normalized_answer(prediction) == normalized_answer(answer) for answer in answers)
        f1 += max(answer_f1(prediction, answer) for answer in answers)
    return {"eval_exact_match": 100 * ratio(exact, len(golds)), "eval_f1": 100 * ratio(f1, len(golds))}
