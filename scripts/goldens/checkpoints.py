#!/usr/bin/env python3
"""Files as PyTorch and `transformers` write them, small, for the readers of state dicts.

Writes into Tests/ModelsTests/Fixtures/checkpoints:
- odd-zip.bin, odd-zip64.bin, odd-legacy.bin: one state dict of every element type and of unusual views, in both forms of torch.save, and
  with every place in the archive as a 64-bit number;
  odd.safetensors: the same tensors, contiguous.
- bert-sharded: a small BERT as save_pretrained writes it in shards; bert-sharded-bin: the same in shards of torch.save.
- bert-first: the same as the first published files had it: legacy form, gamma and beta, no decoder bias.
- bert.safetensors: the parameters of these three.

Needs torch, transformers and safetensors.

    python3 scripts/goldens/checkpoints.py
"""

import collections
import json
import pathlib
import shutil
import struct
import zipfile

import torch
import transformers
from safetensors.torch import save_file

SEED = 20260801
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ModelsTests" / "Fixtures" / "checkpoints"


def odd():
    base = torch.randn(4, 6)
    long = torch.tensor([[-(2**62), 7], [2**40, -1]])
    return collections.OrderedDict(
        float=torch.randn(2, 3), double=torch.randn(3, dtype=torch.float64), half=torch.randn(5).half(),
        brain=torch.randn(2, 2).bfloat16(), long=long, int=torch.tensor([1, -(2**31)], dtype=torch.int32),
        short=torch.tensor([-300, 300], dtype=torch.int16), char=torch.tensor([-128, 127], dtype=torch.int8),
        byte=torch.tensor([0, 255], dtype=torch.uint8), bool=torch.tensor([True, False, True]),
        scalar=torch.tensor(2.5), empty=torch.zeros(0, 4), base=base, shared=base, row=base[1:3],
        transposed=base.t(), steps=base[::2, 1::2], cube=torch.randn(2, 3, 4).permute(2, 0, 1),
        half_transposed=torch.randn(3, 2).half().t(), parameter=torch.nn.Parameter(torch.randn(2)),
    )


def write_odd():
    tensors = odd()
    tensors._metadata = collections.OrderedDict({"": {"version": 1}, "encoder": {"version": 2}})
    torch.save(tensors, FIXTURES / "odd-zip.bin")
    widen(FIXTURES / "odd-zip.bin", FIXTURES / "odd-zip64.bin")
    torch.load(FIXTURES / "odd-zip64.bin", weights_only=True)
    torch.save(tensors, FIXTURES / "odd-legacy.bin", _use_new_zipfile_serialization=False)
    save_file({key: value.detach().contiguous().clone() for key, value in tensors.items()}, FIXTURES / "odd.safetensors")


def widen(source, target):
    """Rewrites the directory of a zip archive as that of one beyond 4 GiB (APPNOTE 4.5.3, 4.3.14, 4.3.15)."""
    entries = zipfile.ZipFile(source).infolist()
    data = source.read_bytes()
    start = data.index(b"PK\x01\x02")
    output = data[:start]
    for entry in entries:
        name = entry.filename.encode()
        extra = struct.pack("<HHQQQ", 1, 24, entry.file_size, entry.compress_size, entry.header_offset)
        output += struct.pack(
            "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, entry.flag_bits, 0, 0, 0, entry.CRC, 2**32 - 1, 2**32 - 1,
            len(name), len(extra), 0, 0, 0, 0, 2**32 - 1) + name + extra
    size = len(output) - start
    record = len(output)
    output += struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, len(entries), len(entries), size, start)
    output += struct.pack("<IIQI", 0x07064B50, 0, record, 1)
    output += struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    target.write_bytes(output)
    assert [e.filename for e in zipfile.ZipFile(target).infolist()] == [e.filename for e in entries]


def write_bert():
    config = transformers.BertConfig(
        vocab_size=23, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=7, type_vocab_size=2)
    model = transformers.BertForPreTraining(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn_like(parameter))
    parameters = {key: value.detach().clone() for key, value in model.named_parameters()}
    save_file(parameters, FIXTURES / "bert.safetensors")

    sharded = FIXTURES / "bert-sharded"
    model.save_pretrained(sharded, max_shard_size="3KB")
    (sharded / "generation_config.json").unlink(missing_ok=True)

    binary = FIXTURES / "bert-sharded-bin"
    binary.mkdir()
    shutil.copy(sharded / "config.json", binary)
    state = dict(model.state_dict())
    names = sorted(state)
    halves = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
    for file, part in halves.items():
        # A clone has a storage of its own: a tied tensor is written in both shards.
        torch.save({name: state[name].clone() for name in part}, binary / file)
    weight_map = {name: file for file, part in halves.items() for name in part}
    index = {"metadata": {"total_size": sum(t.nbytes for t in state.values())}, "weight_map": weight_map}
    (binary / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")

    first = FIXTURES / "bert-first"
    first.mkdir()
    keys = json.loads((sharded / "config.json").read_text())
    google = ["attention_probs_dropout_prob", "hidden_act", "hidden_dropout_prob", "hidden_size", "initializer_range",
              "intermediate_size", "max_position_embeddings", "num_attention_heads", "num_hidden_layers",
              "type_vocab_size", "vocab_size"]
    (first / "config.json").write_text(json.dumps({key: keys[key] for key in google}, indent=2) + "\n")
    old = collections.OrderedDict()
    for name, value in parameters.items():
        if "LayerNorm" in name:
            name = name.replace("weight", "gamma").replace("bias", "beta")
        old[name] = value
    old["cls.predictions.decoder.weight"] = old["bert.embeddings.word_embeddings.weight"]
    torch.save(old, first / "pytorch_model.bin", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    for path in ["bert-sharded", "bert-sharded-bin", "bert-first"]:
        shutil.rmtree(FIXTURES / path, ignore_errors=True)
    FIXTURES.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    write_odd()
    write_bert()
    for path in sorted(FIXTURES.rglob("*")):
        if path.is_file():
            print(f"{path.relative_to(FIXTURES)}: {path.stat().st_size} bytes")
