#!/usr/bin/env python3
"""Trains the sample models and writes them as ONNX files, with their figures and golden vectors.

Usage:  /usr/bin/python3 samples/train.py           writes samples/<model>/<version>/
        /usr/bin/python3 samples/train.py --check   trains again and compares with the committed files

Needs Debian's python3-sklearn and python3-onnx. The data set comes with scikit-learn; nothing is downloaded.
The result is the same on every machine: seeds are fixed and weights are rounded before they are written.
"""

import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20
OPSET = 17  # old enough for every runtime in use, new enough for all operators used here
IR_VERSION = 8  # the format version that belongs to that opset
DECIMALS = 5  # of a weight: far more than the model needs, far less than linear algebra libraries differ by


def rounded(values):
    return np.round(np.asarray(values, dtype=np.float64), DECIMALS).astype(np.float32)


def softmax_regression(name, mean, scale, weights, bias):
    """features [-1, n] -> label [-1], probabilities [-1, classes], of core operators only."""
    count, classes = weights.shape
    nodes = [
        helper.make_node("Sub", ["features", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["standardised"]),
        helper.make_node("Gemm", ["standardised", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    constants = {"mean": mean, "scale": scale, "weights": weights, "bias": bias}
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", count])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", classes]),
        ],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="sluice-samples")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def predict(features, mean, scale, weights, bias):
    """The same arithmetic without ONNX: what the golden vectors are made with."""
    scores = (features - mean) / scale @ weights + bias
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def train_wine(folder):
    """Version 1: a strongly regularised softmax regression; plain, and with room for a better one."""
    data = load_wine()
    train_x, test_x, train_y, test_y = train_test_split(
        data.data, data.target, test_size=0.3, random_state=SEED, stratify=data.target)
    scaler = StandardScaler().fit(train_x)
    regression = LogisticRegression(C=0.01, tol=1e-10, max_iter=10_000).fit(scaler.transform(train_x), train_y)
    parameters = [rounded(part) for part in (scaler.mean_, scaler.scale_, regression.coef_.T, regression.intercept_)]

    probabilities = predict(test_x.astype(np.float32), *parameters)
    labels = probabilities.argmax(axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(softmax_regression("wine", *parameters), folder / "model.onnx")
    write_json(folder / "version.json", {
        "description": "Which of three cultivars a wine is of, from 13 measurements: softmax regression.",
        "labels": [str(name) for name in data.target_names],
        "metrics": {
            "accuracy": round(float(accuracy_score(test_y, labels)), 4),
            "f1_macro": round(float(f1_score(test_y, labels, average="macro")), 4),
            "log_loss": round(float(log_loss(test_y, probabilities)), 4),
        },
        "tags": {"data": "scikit-learn wine", "held_out_rows": str(len(test_y))},
    })

    picked = np.concatenate([data.data[:1], test_x[:7]]).astype(np.float32)
    expected = predict(picked.astype(np.float64), *[part.astype(np.float64) for part in parameters])
    write_json(folder / "golden.json", {
        "inputs": {"features": [[round(float(value), 4) for value in row] for row in picked]},
        "outputs": {
            "label": [int(value) for value in expected.argmax(axis=1)],
            "probabilities": [[round(float(value), 5) for value in row] for row in expected],
        },
        "tolerance": 1e-4,
    })


SAMPLES = {"wine/1": train_wine}


def check():
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder)
        different = []
        for name, train in SAMPLES.items():
            train(fresh / name)
            different += [f"{name}/{file.name}" for file in sorted((fresh / name).iterdir())
                          if file.read_bytes() != (HERE / name / file.name).read_bytes()]
        if different:
            sys.exit(f"differs from the committed file: {', '.join(different)}")
    print(f"{len(SAMPLES)} sample(s) reproduced byte by byte")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="compare with the committed files instead of writing them")
    if arguments.parse_args().check:
        check()
        return
    for name, train in SAMPLES.items():
        train(HERE / name)
        print(f"wrote samples/{name}")


if __name__ == "__main__":
    main()
