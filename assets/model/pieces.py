#!/usr/bin/env python3
"""Makes pieces.bin: the 64 directions by which vectors of word pieces are made short.

    pip install numpy onnxruntime tokenizers
    python3 pieces.py OUT_FILE      # at the top of the repository

Our own texts (knowledge base, README, sentences of the packs) go through the model. Of every text, each distinct word
piece gives the mean of its vectors, at length one. The directions are the first 64 principal components of all of them,
not centred, each with its largest number positive, in 32,768ths.
"""
import glob
import re
import sys

import numpy
import onnxruntime
from tokenizers import Tokenizer

MODEL = "assets/model/"


def texts():
    """Paragraphs of documents, and every sentence of six words or more in the packs."""
    blocks = lambda text: [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    found = []
    for path in sorted(glob.glob("knowledge_base/*.md")):
        found += blocks(open(path, encoding="utf-8").read().split("---", 2)[-1])
    found += blocks(open("README.md", encoding="utf-8").read())
    for path in sorted(glob.glob("assets/policies/*.toml")):
        quoted = re.findall(r'"((?:[^"\\]|\\.)*)"', open(path, encoding="utf-8").read())
        found += [text for text in quoted if len(text.split()) >= 6]
    return found


def pieces(session, tokenizer, text):
    """One row a distinct word piece, at length one."""
    ids = tokenizer.encode(text[:3072]).ids
    if len(ids) > 256:
        ids = ids[:255] + ids[-1:]
    ids = numpy.array([ids], numpy.int32)
    feed = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    hidden = session.run(None, feed)[0][0]
    own = [i for i in sorted(set(ids[0, 1:-1].tolist()))]
    rows = [hidden[1:-1][ids[0, 1:-1] == i].mean(0) for i in own]
    return [row / numpy.linalg.norm(row) for row in rows]


def main():
    tokenizer = Tokenizer.from_file(MODEL + "tokenizer.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(MODEL + "minilm-l6-v2.int8.onnx")
    rows = numpy.array([row for text in texts() for row in pieces(session, tokenizer, text)], numpy.float64)
    _, vectors = numpy.linalg.eigh(rows.T @ rows / len(rows))
    axes = vectors[:, ::-1][:, :64].copy()
    for column in axes.T:
        if column[numpy.abs(column).argmax()] < 0:
            column *= -1
    numpy.clip((axes * 32768).round(), -32767, 32767).astype("<i2").tofile(sys.argv[1])


main()
