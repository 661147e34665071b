"""Fine-tunes a model in PyTorch by the recipe of `troupe finetune`, its peer.

The recipe: batches from an endless stream of shuffled epochs, AdamW without decay on biases and LayerNorm, a linear
schedule with warm-up, clipping of the global norm to 1, an evaluation after every epoch, of which the best counts.
Batches are padded to the longest of their samples only. Prints one JSON object; tokens are real ones, without padding,
and tokens_per_second is over the training steps alone.
"""

import argparse
import json
import math
import os
import statistics
import time

import torch
import transformers

import recipes
from finetune_tasks import Classification, Tagging
from float32 import use_onednn_for_float32
from question_answering import Answers
from recipes import RECIPES
from train_step import peak_memory

FORMS = {"classification": Classification, "tagging": Tagging, "answers": Answers}


def epochs(lengths, batch, grouped, generator):
    """The endless stream of samples, shuffled anew in every epoch, in batches that run over the ends of epochs."""
    waiting = []
    while True:
        order = torch.randperm(len(lengths), generator=generator).tolist()
        if grouped:
            # As the trainer of transformers does: stretches of 50 batches, each sorted by length.
            stretch = 50 * batch
            order = [
                sample
                for start in range(0, len(order), stretch)
                for sample in sorted(order[start : start + stretch], key=lambda sample: -lengths[sample])
            ]
        waiting += order
        while len(waiting) >= batch:
            yield waiting[:batch]
            waiting = waiting[batch:]


def model_inputs(samples, padding):
    """A padded batch. Without padding there is nothing to mask, and attention without a mask is faster."""
    width = max(len(sample.ids) for sample in samples)
    ids = torch.full((len(samples), width), padding)
    types, attention = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, sample in enumerate(samples):
        ids[row, : len(sample.ids)] = torch.tensor(sample.ids)
        types[row, : len(sample.ids)] = torch.tensor(sample.types)
        attention[row, : len(sample.ids)] = 1
    is_full = all(len(sample.ids) == width for sample in samples)
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": None if is_full else attention}


def parts(batch, count):
    """A batch in parts of samples of similar lengths, so that each needs less padding; their gradients add up."""
    ordered = sorted(batch, key=lambda sample: len(sample.ids))
    size = math.ceil(len(ordered) / count)
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def make_optimizer(model, rate):
    """AdamW with Troupe's rule for decay, and the linear schedule of transformers."""
    excluded = ("LayerNorm", "layer_norm", "bias")
    groups = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[not any(text in name for text in excluded)].append(parameter)
    decayed = {"params": groups[True], "weight_decay": recipes.WEIGHT_DECAY}
    return torch.optim.AdamW([decayed, {"params": groups[False], "weight_decay": 0.0}], lr=rate, eps=1e-8, fused=True)


class Trainer:
    def __init__(self, form, model, padding, options):
        self.form, self.padding, self.options = form, padding, options
        self.model = model
        self.forward = torch.compile(model, dynamic=True) if options.compile else model

    def outputs(self, samples):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.options.precision == "bf16"):
            return self.forward(**model_inputs(samples, self.padding))

    def evaluate(self):
        """The metrics of the development set, computed from the shortest sample to the longest."""
        self.model.eval()
        samples = self.form.development
        order = sorted(range(len(samples)), key=lambda place: len(samples[place].ids))
        predictions = [None] * len(samples)
        with torch.no_grad():
            for start in range(0, len(order), recipes.EVALUATION_BATCH):
                places = order[start : start + recipes.EVALUATION_BATCH]
                chosen = [samples[place] for place in places]
                for place, prediction in zip(places, self.form.predictions(self.outputs(chosen), chosen), strict=True):
                    predictions[place] = prediction
        self.model.train()
        return self.form.metrics(predictions)

    def train(self, best):
        """Trains to the end; the result by its JSON keys."""
        options, training = self.options, self.form.training
        lengths = [len(sample.ids) for sample in training]
        per_epoch = math.ceil(len(training) / options.batch)
        steps = options.steps or options.epochs * per_epoch
        optimizer = make_optimizer(self.model, options.learning_rate)
        schedule = transformers.get_linear_schedule_with_warmup(optimizer, int(recipes.WARMUP_RATIO * steps), steps)
        generator = torch.Generator().manual_seed(options.seed)
        stream = epochs(lengths, options.batch, options.group_by_length, generator)
        losses, evaluations, seconds, tokens, slots = [], [], 0.0, 0, 0
        self.model.train()
        for step in range(1, steps + 1):
            start = time.perf_counter()
            batch = [training[place] for place in next(stream)]
            weight, loss = self.form.weight(batch), 0.0
            for part in parts(batch, options.parts):
                part_loss = self.form.loss(self.outputs(part), part) / weight
                part_loss.backward()
                loss += part_loss.item()
                slots += len(part) * max(len(sample.ids) for sample in part)
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad(set_to_none=True)
            seconds += time.perf_counter() - start
            tokens += sum(len(sample.ids) for sample in batch)
            losses.append(loss)
            if step % per_epoch == 0 or step == steps:
                evaluations.append({"step": step, **self.evaluate()})
        chosen = max(evaluations, key=lambda evaluation: evaluation[best])
        return {
            "metrics": {key: value for key, value in chosen.items() if key != "step"},
            "evaluations": evaluations,
            "tokens_per_second": tokens / seconds,
            "train_seconds": seconds,
            "padding_share": 1 - tokens / slots,
            "steps": steps,
            # One batch says little: the mean of the last ten.
            "final_loss": statistics.mean(losses[-10:]),
        }


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=RECIPES, required=True)
    parser.add_argument("--model", required=True, help="a directory of transformers")
    parser.add_argument("--data", required=True, help="the task's folder")
    parser.add_argument("--epochs", type=int, help="default: the recipe's")
    parser.add_argument("--steps", type=int, help="ends after so many steps instead")
    parser.add_argument("--batch", type=int, default=recipes.BATCH)
    parser.add_argument("--learning-rate", type=float, help="default: the recipe's")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--parts", type=int, default=1, help="in which a batch is computed, by length (default: 1)")
    parser.add_argument("--group-by-length", action="store_true", help="batches of similar lengths: another recipe")
    parser.add_argument("--compile", action="store_true", help="torch.compile with dynamic shapes")
    parser.add_argument("--float32-onednn", action="store_true", help="multiply float32 by oneDNN: see float32.py")
    options = parser.parse_args()
    recipe = RECIPES[options.task]
    options.epochs = options.epochs or recipe.epochs
    options.learning_rate = options.learning_rate or recipe.learning_rate
    return options


def main():
    options = parse_arguments()
    recipe = RECIPES[options.task]
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    if options.float32_onednn and (reason := use_onednn_for_float32()):
        print(json.dumps({"unavailable": reason}))
        return
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    files = [os.path.join(options.data, name) for name in (recipe.train_file, recipe.development_file)]
    form = FORMS[recipe.form](*files, recipe, tokenizer)
    torch.manual_seed(options.seed)  # the head, then dropout
    labels = {} if form.labels is None else {"num_labels": len(form.labels)}
    model = form.model_class.from_pretrained(options.model, dtype=torch.float32, **labels)
    result = Trainer(form, model, tokenizer.pad_token_id or 0, options).train(recipe.best)
    settings = vars(options) | {"model": os.path.basename(os.path.normpath(options.model))}
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    counts = {"training_samples": len(form.training), "evaluated_samples": len(form.development)}
    print(json.dumps(settings | {"versions": versions, "peak_rss_mib": peak_memory()} | counts | result))


if __name__ == "__main__":
    main()
