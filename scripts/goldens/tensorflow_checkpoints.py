#!/usr/bin/env python3
"""Checkpoints as the original code of BERT and ALBERT writes them, with TensorFlow, and what `transformers` reads there.

Writes bert-tensorflow and albert-tensorflow into Tests/ModelsTests/Fixtures/checkpoints: `model.ckpt.*` with every
variable of a small pretraining model and the slots of its optimizer, the JSON configuration of the original code, and
expected.safetensors, the parameters that `transformers` 4 makes of them (later versions cannot).

Needs tensorflow, torch, safetensors and transformers 4.46.

    python3 scripts/goldens/tensorflow_checkpoints.py
"""

import json
import pathlib
import shutil

import numpy
import tensorflow as tf
import transformers
from safetensors.torch import save_file
from transformers.models.albert.modeling_albert import load_tf_weights_in_albert
from transformers.models.bert.modeling_bert import load_tf_weights_in_bert

SEED = 20260802
FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "ModelsTests" / "Fixtures" / "checkpoints"
COMMON = dict(
    attention_probs_dropout_prob=0.1, hidden_act="gelu", hidden_dropout_prob=0.1, hidden_size=8, initializer_range=0.02,
    intermediate_size=12, max_position_embeddings=7, num_attention_heads=2, type_vocab_size=2, vocab_size=23)
BERT = dict(COMMON, num_hidden_layers=2)
ALBERT = dict(
    COMMON, embedding_size=4, num_hidden_layers=3, num_hidden_groups=1, inner_group_num=2, down_scale_factor=1,
    gap_size=0, net_structure_type=0, num_memory_blocks=0)


def dense(name, inputs, outputs):
    return {f"{name}/kernel": (inputs, outputs), f"{name}/bias": (outputs,)}


def norm(name, width):
    return {f"{name}/beta": (width,), f"{name}/gamma": (width,)}


def tables(keys, width):
    return {
        "bert/embeddings/word_embeddings": (keys["vocab_size"], width),
        "bert/embeddings/token_type_embeddings": (keys["type_vocab_size"], width),
        "bert/embeddings/position_embeddings": (keys["max_position_embeddings"], width),
        **norm("bert/embeddings/LayerNorm", width)}


def heads(keys, width):
    hidden = keys["hidden_size"]
    return {
        **dense("bert/pooler/dense", hidden, hidden),
        **dense("cls/predictions/transform/dense", hidden, width), **norm("cls/predictions/transform/LayerNorm", width),
        "cls/predictions/output_bias": (keys["vocab_size"],),
        "cls/seq_relationship/output_weights": (2, hidden), "cls/seq_relationship/output_bias": (2,)}


def bert(keys):
    hidden, inner = keys["hidden_size"], keys["intermediate_size"]
    shapes = tables(keys, hidden)
    for layer in range(keys["num_hidden_layers"]):
        name = f"bert/encoder/layer_{layer}"
        for part in ["query", "key", "value"]:
            shapes |= dense(f"{name}/attention/self/{part}", hidden, hidden)
        shapes |= dense(f"{name}/attention/output/dense", hidden, hidden)
        shapes |= norm(f"{name}/attention/output/LayerNorm", hidden)
        shapes |= dense(f"{name}/intermediate/dense", hidden, inner) | dense(f"{name}/output/dense", inner, hidden)
        shapes |= norm(f"{name}/output/LayerNorm", hidden)
    return shapes | heads(keys, hidden)


def albert(keys):
    hidden, inner, width = keys["hidden_size"], keys["intermediate_size"], keys["embedding_size"]
    shapes = tables(keys, width) | dense("bert/encoder/embedding_hidden_mapping_in", width, hidden)
    for layer in range(keys["inner_group_num"]):
        name = f"bert/encoder/transformer/group_0/inner_group_{layer}"
        for part in ["query", "key", "value"]:
            shapes |= dense(f"{name}/attention_1/self/{part}", hidden, hidden)
        shapes |= dense(f"{name}/attention_1/output/dense", hidden, hidden)
        shapes |= dense(f"{name}/ffn_1/intermediate/dense", hidden, inner)
        shapes |= dense(f"{name}/ffn_1/intermediate/output/dense", inner, hidden)
        shapes |= norm(f"{name}/LayerNorm", hidden) | norm(f"{name}/LayerNorm_1", hidden)
    return shapes | heads(keys, width)


def write(name, keys, shapes, model, load):
    directory = FIXTURES / name
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    generator = numpy.random.default_rng(SEED)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        def variable(name, value):
            return tf.compat.v1.get_variable(name, initializer=value, use_resource=False)

        for variable_name, shape in shapes.items():
            variable(variable_name, generator.standard_normal(shape, dtype=numpy.float32))
        # The slots of one matrix stand for those of all.
        slot = "bert/pooler/dense/kernel"
        variable(f"{slot}/adam_m", generator.standard_normal(shapes[slot], dtype=numpy.float32))
        variable(f"{slot}/adam_v", generator.standard_normal(shapes[slot], dtype=numpy.float32))
        variable("global_step", numpy.int64(1000))
        session.run(tf.compat.v1.global_variables_initializer())
        prefix = str(directory / "model.ckpt")
        tf.compat.v1.train.Saver().save(session, prefix, write_meta_graph=False)
    (directory / "checkpoint").unlink()
    configuration = directory / f"{name.split('-')[0]}_config.json"
    configuration.write_text(json.dumps(keys, indent=2) + "\n")
    load(model, None, prefix)
    parameters = {key: value.detach().contiguous() for key, value in model.named_parameters()}
    save_file(parameters, directory / "expected.safetensors")
    print(*(f"{name}/{path.name}: {path.stat().st_size} bytes" for path in sorted(directory.iterdir())), sep="\n")


if __name__ == "__main__":
    write("bert-tensorflow", BERT, bert(BERT), transformers.BertForPreTraining(transformers.BertConfig(**BERT)),
          load_tf_weights_in_bert)
    write("albert-tensorflow", ALBERT, albert(ALBERT),
          transformers.AlbertForPreTraining(transformers.AlbertConfig(**ALBERT)), load_tf_weights_in_albert)
