"""Times one pretraining step of BERT or ALBERT in PyTorch, the peer of `troupe bench train-step`.

The step: forward with the loss at 15 % of the positions and on the sentence pair, backward, clipping of the global
norm to 1, fused AdamW. Prints one JSON object with the keys of `troupe bench train-step`.
"""

import argparse
import json
import statistics
import time

import torch
import transformers

from float32 import use_onednn_for_float32
from models import pretraining_model


def sequence_lengths(rule, count, longest):
    """The lengths that `troupe bench train-step --lengths` gives."""
    if rule == "full":
        return [longest] * count
    squared = count * count
    return [min(longest, max(8, (longest * i * i + squared - 1) // squared)) for i in range(1, count + 1)]


def make_batch(lengths, width, vocabulary, generator):
    """Random ids, of which 15 % carry a label; the sentence-pair label alternates."""
    ids = torch.zeros((len(lengths), width), dtype=torch.long)
    attention = torch.zeros_like(ids)
    segments = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for row, length in enumerate(lengths):
        ids[row, :length] = torch.randint(5, vocabulary, (length,), generator=generator)
        attention[row, :length] = 1
        segments[row, length // 2 : length] = 1
        positions = torch.randperm(length, generator=generator)[: max(1, round(0.15 * length))]
        labels[row, positions] = torch.randint(5, vocabulary, (len(positions),), generator=generator)
    # Without padding there is nothing to mask, and attention without a mask is faster.
    return ids, None if min(lengths) == width else attention, segments, labels, torch.arange(len(lengths)) % 2


def masked_head_loss(model, ids, attention, segments, labels, pairs):
    """The loss of `BertForPreTraining` with its vocabulary head at the labelled positions only."""
    output = model.base_model(input_ids=ids, attention_mask=attention, token_type_ids=segments)
    rows = output.last_hidden_state[labels != -100]
    if hasattr(model, "cls"):
        predictions, pair = model.cls.predictions(rows), model.cls.seq_relationship(output.pooler_output)
    else:
        predictions, pair = model.predictions(rows), model.sop_classifier(output.pooler_output)
    cross_entropy = torch.nn.functional.cross_entropy
    return cross_entropy(predictions.float(), labels[labels != -100]) + cross_entropy(pair.float(), pairs)


def whole_head_loss(model, ids, attention, segments, labels, pairs):
    """The loss as the class computes it: logits at all positions."""
    pair_name = "next_sentence_label" if hasattr(model, "cls") else "sentence_order_label"
    return model(
        input_ids=ids, attention_mask=attention, token_type_ids=segments, labels=labels, **{pair_name: pairs}
    ).loss


def peak_memory():
    """The largest resident size so far in MiB, read as `troupe` reads it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bert-base")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--mode", choices=["eager", "compiled"], default="eager")
    parser.add_argument("--head", choices=["whole", "masked"], default="whole", help="where the logits are computed")
    parser.add_argument("--float32-onednn", action="store_true", help="multiply float32 by oneDNN: see float32.py")
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa", help="transformers' implementation")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--sequence-length", type=int, default=128)
    parser.add_argument("--lengths", choices=["full", "real"], default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=7)
    return parser.parse_args()


def main():
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    if options.float32_onednn and (reason := use_onednn_for_float32()):
        print(json.dumps({"unavailable": reason}))
        return
    memory_before = peak_memory()
    model = pretraining_model(options.model, options.attention).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    lengths = sequence_lengths(options.lengths, options.batch, options.sequence_length)
    generator = torch.Generator().manual_seed(1)
    inputs = make_batch(lengths, options.sequence_length, model.config.vocab_size, generator)

    loss_of = masked_head_loss if options.head == "masked" else whole_head_loss
    if options.mode == "compiled":
        loss_of = torch.compile(loss_of)

    def step():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            loss = loss_of(model, *inputs)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    # The first steps compile, and settle the memory of optimizer and allocator.
    for _ in range(3):
        step()
    times, processor = [], time.process_time()
    for _ in range(options.steps):
        start = time.perf_counter()
        loss = step()
        times.append(time.perf_counter() - start)
    processor = (time.process_time() - processor) / options.steps
    median = statistics.median(times)
    print(
        json.dumps(
            {
                "peer": f"torch {options.mode}",
                "head": options.head,
                "float32_onednn": options.float32_onednn,
                "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
                "model": options.model,
                "parameters": sum(parameter.numel() for parameter in model.parameters()),
                "precision": options.precision,
                "attention": options.attention,
                "batch": options.batch,
                "sequence_length": options.sequence_length,
                "lengths": options.lengths,
                "threads": options.threads,
                "median_step_seconds": median,
                "step_seconds": times,
                "processor_seconds": processor,
                "tokens_per_second": sum(lengths) / median,
                "slots_per_second": options.batch * options.sequence_length / median,
                "peak_rss_mib": peak_memory(),
                "rss_before_model_mib": memory_before,
                "loss": loss,
            }
        )
    )


if __name__ == "__main__":
    main()
