"""Which digit was written, from 8 x 8 grey values of 0 to 16."""

import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from training import folders, graphs

HIDDEN = 64
EPOCHS = 40  # enough, and few: rounding errors have no time to grow into other weights
LARGEST_GREY = np.float32(16)


def perceptron(features, layers):
    """The arithmetic of the graph without ONNX."""
    values = features / LARGEST_GREY
    for weights, bias in layers[:-1]:
        values = np.maximum(values @ weights + bias, 0)
    weights, bias = layers[-1]
    return folders.softmax(values @ weights + bias)


def fit(features, labels):
    network = MLPClassifier((HIDDEN,), learning_rate_init=0.005, max_iter=EPOCHS, tol=0, n_iter_no_change=EPOCHS, random_state=folders.SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped on purpose
        network.fit(features / float(LARGEST_GREY), labels)
    return [(folders.rounded(weights), folders.rounded(bias)) for weights, bias in zip(network.coefs_, network.intercepts_)]


def train(folder):
    data = load_digits()
    train_x, test_x, train_y, test_y = folders.split(data)
    layers = fit(train_x, train_y)

    rows = folders.golden_rows(data, test_x)
    exact = [(weights.astype(np.float64), bias.astype(np.float64)) for weights, bias in layers]
    folders.write(
        folder / "1",
        graphs.perceptron("digits", LARGEST_GREY, layers),
        f"Which digit was written, from 8 x 8 grey values of 0 to 16, row by row: a perceptron with a hidden layer of {HIDDEN}.",
        data.target_names,
        folders.metrics(test_y, perceptron(test_x, exact)),
        {"data": "scikit-learn digits", "held_out_rows": str(len(test_y))},
        folders.golden(rows, perceptron(rows.astype(np.float64), exact)),
    )
