"""What belongs to a version besides its graph: rounded weights, figures on held-out data, golden vectors, and the files they are written to."""

import json

import numpy as np
import onnx
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split

SEED = 20
DECIMALS = 5  # of a weight: far more than the models need, far less than linear algebra libraries differ by
GOLDEN_ROWS = 8


def split(data):
    """Rows to train on and rows held out (three of ten), each class in the same share."""
    return train_test_split(data.data, data.target, test_size=0.3, random_state=SEED, stratify=data.target)


def rounded(values):
    return np.round(np.asarray(values, dtype=np.float64), DECIMALS).astype(np.float32)


def softmax(scores):
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_regression(features, mean, scale, weights, bias):
    """The arithmetic of the graph without ONNX, in the precision of its arguments: what golden vectors and figures are made with."""
    return softmax((features - mean) / scale @ weights + bias)


def metrics(truth, probabilities):
    labels = probabilities.argmax(axis=1)
    return {
        "accuracy": round(float(accuracy_score(truth, labels)), 4),
        "f1_macro": round(float(f1_score(truth, labels, average="macro")), 4),
        "log_loss": round(float(log_loss(truth, probabilities)), 4),
    }


def golden_rows(data, held_out):
    """The data set's first row, which everybody knows, and the first of those held out."""
    return np.concatenate([data.data[:1], held_out[: GOLDEN_ROWS - 1]]).astype(np.float32)


def golden(rows, expected):
    return {
        "inputs": {"features": [[round(float(value), 4) for value in row] for row in rows]},
        "outputs": {
            "label": [int(value) for value in expected.argmax(axis=1)],
            "probabilities": [[round(float(value), 5) for value in row] for row in expected],
        },
        "tolerance": 1e-4,
    }


def write(folder, model, description, labels, figures, tags, vectors):
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    _write_json(folder / "version.json", {"description": description, "labels": [str(label) for label in labels], "metrics": figures, "tags": tags})
    _write_json(folder / "golden.json", vectors)


def _write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
