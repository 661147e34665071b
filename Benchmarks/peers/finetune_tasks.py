"""Texts with classes and words with tags for the PyTorch side of the fine-tuning benchmark, read as Troupe reads them.

A form knows the model's class (`model_class`, `labels`), its samples, their loss and what the outputs are worth. A
sample has `ids` and `types`; the loss of some samples is a sum, to be divided by the `weight` of the whole batch.
"""

import dataclasses
import json

import torch
import transformers

from finetune_metrics import class_metrics, entity_metrics

IGNORED = -100


@dataclasses.dataclass
class Sample:
    ids: list[int]
    types: list[int]
    target: object


def read_labelled_texts(path, recipe):
    """Tuples of one or two texts, each with its label."""
    with open(path, encoding="utf-8-sig", newline="\n") as file:
        lines = [line.rstrip("\r\n") for line in file]
    if path.endswith(".jsonl"):
        rows = [json.loads(line) for line in lines if line]
        return [((row["text"],), row["label"]) for row in rows]
    rows = [line.split("\t") for line in lines if line][recipe.has_header :]
    # Copies of SST-2 go round with a header and without.
    if rows[0][recipe.label] not in recipe.labels:
        rows = rows[1:]
    return [(tuple(row[column] for column in recipe.texts), row[recipe.label]) for row in rows]


def read_tagged_words(path):
    """Sentences as words and tags: a word per line, its tag in the last field."""
    sentences, words, tags = [], [], []
    with open(path, encoding="utf-8-sig", newline="\n") as file:
        for line in [*file, ""]:
            fields = line.replace("\t", " ").strip(" \r\n").split(" ")
            if fields[0] and not fields[0].startswith("-DOCSTART-"):
                words.append(fields[0])
                tags.append(fields[-1])
            elif words:
                sentences.append((words, tags))
                words, tags = [], []
    return sentences


class Classification:
    """A class per text or pair."""

    model_class = transformers.AutoModelForSequenceClassification

    def __init__(self, training_file, development_file, recipe, tokenizer):
        training = read_labelled_texts(training_file, recipe)
        development = read_labelled_texts(development_file, recipe)
        self.labels = list(recipe.labels) or sorted({label for _, label in training})
        ids = {label: number for number, label in enumerate(self.labels)}

        def samples(rows):
            texts = [list(column) for column in zip(*(texts for texts, _ in rows))]
            encoded = tokenizer(*texts, truncation="longest_first", max_length=recipe.maximum_length)
            types = encoded.get("token_type_ids") or [[0] * len(row) for row in encoded["input_ids"]]
            return [
                Sample(row, kinds, ids[label])
                for row, kinds, (_, label) in zip(encoded["input_ids"], types, rows, strict=True)
            ]

        self.training, self.development = samples(training), samples(development)

    def weight(self, batch):
        return len(batch)

    def loss(self, output, samples):
        targets = torch.tensor([sample.target for sample in samples])
        return torch.nn.functional.cross_entropy(output.logits.float(), targets, reduction="sum")

    def predictions(self, output, samples):
        return output.logits.argmax(dim=-1).tolist()

    def metrics(self, predictions):
        return class_metrics(predictions, [sample.target for sample in self.development], len(self.labels))


class Tagging:
    """A class per word, at the first of its tokens."""

    model_class = transformers.AutoModelForTokenClassification

    def __init__(self, training_file, development_file, recipe, tokenizer):
        training, development = read_tagged_words(training_file), read_tagged_words(development_file)
        self.labels = sorted({tag for _, tags in training for tag in tags})
        ids = {label: number for number, label in enumerate(self.labels)}

        def samples(sentences):
            encoded = tokenizer(
                [words for words, _ in sentences],
                is_split_into_words=True,
                truncation=True,
                max_length=recipe.maximum_length,
            )
            samples = []
            for row, (_, tags) in enumerate(sentences):
                places = encoded.word_ids(row)
                begins = [word is not None and word != before for word, before in zip(places, [None, *places])]
                targets = [ids[tags[word]] if begin else IGNORED for word, begin in zip(places, begins)]
                samples.append(Sample(encoded["input_ids"][row], [0] * len(places), targets))
            return samples

        self.training, self.development = samples(training), samples(development)

    def weight(self, batch):
        return max(1, sum(target != IGNORED for sample in batch for target in sample.target))

    def loss(self, output, samples):
        targets = torch.full(output.logits.shape[:2], IGNORED)
        for row, sample in enumerate(samples):
            targets[row, : len(sample.target)] = torch.tensor(sample.target)
        logits = output.logits.float().flatten(0, 1)
        return torch.nn.functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORED, reduction="sum")

    def predictions(self, output, samples):
        rows = output.logits.argmax(dim=-1).tolist()
        return [
            [self.labels[tag] for tag, target in zip(row, sample.target) if target != IGNORED]
            for row, sample in zip(rows, samples, strict=True)
        ]

    def metrics(self, predictions):
        golds = [
            [self.labels[target] for target in sample.target if target != IGNORED] for sample in self.development
        ]
        return entity_metrics(predictions, golds)
