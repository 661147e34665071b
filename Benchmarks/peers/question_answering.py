"""Answers as spans of a passage for the PyTorch side of the fine-tuning benchmark: windows, loss and decoding.

Windows and the choice of an answer are those of BERT's program for SQuAD 1.1; the text of an answer is cut from the
passage by the tokenizer's offsets. Inputs are laid out as BERT and ALBERT have them.
"""

import dataclasses
import json

import torch
import transformers

from finetune_metrics import answer_metrics

QUESTION_LIMIT = 64
STRIDE = 128
CANDIDATES = 20
LONGEST_ANSWER = 30


@dataclasses.dataclass
class Window:
    ids: list[int]
    types: list[int]
    target: tuple[int, int]  # the answer's first and last token; both 0 if it is not in here
    question: int  # its place in the file
    first: int  # where the passage's tokens begin
    offsets: list[tuple[int, int]]  # of the passage's tokens, in the passage
    may_start: list[bool]  # whether no other window shows a token of the passage with more around it


def read_questions(path):
    """Every question with its passage."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return [
        (question, paragraph["context"])
        for article in document["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def stretches(count, room):
    """The stretches of so many tokens that windows show."""
    found, start = [], 0
    while True:
        length = min(count - start, room)
        found.append((start, start + length))
        if start + length >= count:
            return found
        start += min(length, STRIDE)


def best_stretch(token, spans):
    """Which stretch shows a token with the most around it; the first of equals."""

    def context(span):
        return min(token - span[0], span[1] - 1 - token) + 0.01 * (span[1] - span[0])

    shown = [index for index, span in enumerate(spans) if span[0] <= token < span[1]]
    return max(shown, key=lambda index: context(spans[index]))


class Answers:
    """The first and the last token of the answer to a question."""

    model_class = transformers.AutoModelForQuestionAnswering
    labels = None

    def __init__(self, training_file, development_file, recipe, tokenizer):
        self.tokenizer = tokenizer
        self.maximum_length = recipe.maximum_length
        self.questions = read_questions(development_file)
        self.training = self.windows(read_questions(training_file))
        self.development = self.windows(self.questions)

    def windows(self, questions):
        plain = {"add_special_tokens": False, "return_attention_mask": False, "verbose": False}
        asked = self.tokenizer([question["question"] for question, _ in questions], **plain)["input_ids"]
        told = self.tokenizer([passage for _, passage in questions], return_offsets_mapping=True, **plain)
        begin, separator = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        windows = []
        for place, (question, _) in enumerate(questions):
            head = [begin, *asked[place][:QUESTION_LIMIT], separator]
            ids, offsets = told["input_ids"][place], told["offset_mapping"][place]
            answer = self.answer_tokens(question["answers"][0], offsets)
            spans = stretches(len(ids), self.maximum_length - len(head) - 1)
            best = [best_stretch(token, spans) for token in range(len(ids))]
            for index, (start, end) in enumerate(spans):
                is_inside = start <= answer[0] <= answer[1] < end
                windows.append(
                    Window(
                        ids=[*head, *ids[start:end], separator],
                        types=[0] * len(head) + [1] * (end - start + 1),
                        target=tuple(token - start + len(head) for token in answer) if is_inside else (0, 0),
                        question=place,
                        first=len(head),
                        offsets=offsets[start:end],
                        may_start=[best[token] == index for token in range(start, end)],
                    )
                )
        return windows

    @staticmethod
    def answer_tokens(answer, offsets):
        """The first and the last token that have a character of the answer."""
        start, end = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        tokens = [token for token, (left, right) in enumerate(offsets) if left < end and right > start]
        return (tokens[0], tokens[-1]) if tokens else (-1, -1)

    def weight(self, batch):
        return 2 * len(batch)

    def loss(self, output, samples):
        targets = torch.tensor([sample.target for sample in samples])
        # The class of transformers lets padding take part in the softmax, so that its loss depends on the padding.
        lengths = torch.tensor([len(sample.ids) for sample in samples])
        is_padding = torch.arange(output.start_logits.shape[1]) >= lengths[:, None]
        cross_entropy = torch.nn.functional.cross_entropy
        return sum(
            cross_entropy(logits.float().masked_fill(is_padding, -torch.inf), targets[:, column], reduction="sum")
            for column, logits in enumerate([output.start_logits, output.end_logits])
        )

    def predictions(self, output, samples):
        """The best span of each window as (score, first character, last character), None if it has none."""
        rows = zip(output.start_logits.float().tolist(), output.end_logits.float().tolist(), samples, strict=True)
        return [self.best_span(start, end, sample) for start, end, sample in rows]

    @staticmethod
    def best_span(start_logits, end_logits, window):
        def best(logits):
            # Only tokens of the window itself, not the padding behind it.
            return sorted(range(len(window.ids)), key=lambda token: -logits[token])[:CANDIDATES]

        limit = window.first + len(window.offsets)
        spans = [
            (start_logits[start] + end_logits[end], start - window.first, end - window.first)
            for start in best(start_logits)
            for end in best(end_logits)
            if window.first <= start <= end < min(limit, start + LONGEST_ANSWER)
            and window.may_start[start - window.first]
        ]
        if not spans:
            return None
        score, start, end = max(spans, key=lambda span: span[0])
        return score, window.offsets[start][0], window.offsets[end][1]

    def metrics(self, predictions):
        best = {}
        for window, span in zip(self.development, predictions, strict=True):
            if span and (window.question not in best or span[0] > best[window.question][0]):
                best[window.question] = span
        # What BERT's program answers where it has no candidate.
        texts = ["empty"] * len(self.questions)
        for place, (_, start, end) in best.items():
            texts[place] = self.questions[place][1][start:end]
        golds = [[answer["text"] for answer in question["answers"]] for question, _ in self.questions]
        return answer_metrics(texts, golds)
