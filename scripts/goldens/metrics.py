#!/usr/bin/env python3
"""Measures of random predictions by scikit-learn, scipy and seqeval, for the tests of Evaluation.

Needs: pip install scikit-learn scipy seqeval (1.9.1, 1.17.1 and 1.2.2 made the file in the tree)
Usage: scripts/goldens/metrics.py > Tests/AlgorithmsTests/Fixtures/metrics.json
"""
import json
import random
import sys
import warnings

from scipy.stats import pearsonr, spearmanr
from seqeval.metrics import accuracy_score as tag_accuracy
from seqeval.metrics import f1_score as entity_f1
from seqeval.metrics import precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, mean_squared_error

warnings.simplefilter("ignore")
rng = random.Random(20)


def classes(count, size, skill, used=None):
    used = used or count
    labels = [rng.randrange(used) for _ in range(size)]
    predictions = [y if rng.random() < skill else rng.randrange(used) for y in labels]
    case = {
        "count": count, "predictions": predictions, "labels": labels,
        "accuracy": accuracy_score(labels, predictions), "matthews": matthews_corrcoef(labels, predictions),
        "micro": f1_score(labels, predictions, average="micro"),
        "macro": f1_score(labels, predictions, average="macro", zero_division=0),
    }
    if count == 2:
        case["f1"] = f1_score(labels, predictions, pos_label=1, zero_division=0)
    return case


def class_sets(count, size, skill, used=None):
    draw = lambda: [int(i < (used or count) and rng.random() < 0.3) for i in range(count)]
    labels = [draw() for _ in range(size)]
    predictions = [y if rng.random() < skill else draw() for y in labels]
    names = lambda rows: [[i for i, on in enumerate(row) if on] for row in rows]
    return {
        "count": count, "predictions": names(predictions), "labels": names(labels),
        "micro": f1_score(labels, predictions, average="micro", zero_division=0),
        "macro": f1_score(labels, predictions, average="macro", zero_division=0),
        "exact": accuracy_score(labels, predictions),
    }


def scores(size, digits, scale, offset):
    labels = [round(rng.uniform(0, 5), digits) for _ in range(size)]
    predictions = [round(y + rng.gauss(0, 1), digits) * scale + offset for y in labels]
    return {
        "predictions": predictions, "labels": labels, "pearson": float(pearsonr(predictions, labels)[0]),
        "spearman": float(spearmanr(predictions, labels)[0]), "mse": mean_squared_error(labels, predictions),
    }


def tags(marks, types, size, skill):
    every = ["O"] + [f"{mark}-{kind}" if kind else mark for mark in marks for kind in types]
    labels = [[rng.choice(every) for _ in range(rng.randint(1, 12))] for _ in range(size)]
    predictions = [[y if rng.random() < skill else rng.choice(every) for y in row] for row in labels]
    return {
        "predictions": predictions, "labels": labels,
        "precision": float(precision_score(labels, predictions, zero_division=0)),
        "recall": float(recall_score(labels, predictions, zero_division=0)),
        "f1": float(entity_f1(labels, predictions, zero_division=0)), "accuracy": tag_accuracy(labels, predictions),
        "entities": [[[kind, first, last + 1] for kind, first, last in get_entities(row)] for row in labels],
    }


json.dump(
    {
        "classes": [
            classes(2, 200, 0.6), classes(2, 37, 0.0), classes(2, 20, 0.5, used=1), classes(3, 150, 0.5),
            classes(13, 100, 0.7), classes(9, 40, 0.3, used=4),
        ],
        "classSets": [class_sets(5, 60, 0.5), class_sets(7, 40, 0.9), class_sets(6, 30, 0.5, used=4)],
        "scores": [scores(120, 16, 1, 0), scores(90, 1, 1, 0), scores(50, 0, 1e-3, 4), scores(10, 16, 1e6, 1e7)],
        "tags": [
            tags("BI", ["PER", "LOC"], 40, 0.6), tags("I", ["A", "B", "C-D"], 40, 0.7),
            tags("BIES", ["X", "Y"], 60, 0.6), tags("BI", [""], 20, 0.5), tags("BIES", ["P", "Q-R", ""], 40, 0.0),
        ],
    },
    sys.stdout, indent=None, separators=(",", ":"),
)
print()
