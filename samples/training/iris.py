"""Which of three irises a flower is of, from 4 measurements in centimetres."""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from training import folders, graphs


def train(folder):
    data = load_iris()
    train_x, test_x, train_y, test_y = folders.split(data)
    scaler = StandardScaler().fit(train_x)
    regression = LogisticRegression(C=1, tol=1e-10, max_iter=10_000).fit(scaler.transform(train_x), train_y)
    parameters = [folders.rounded(part) for part in (scaler.mean_, scaler.scale_, regression.coef_.T, regression.intercept_)]

    rows = folders.golden_rows(data, test_x)
    exact = [part.astype(np.float64) for part in parameters]
    folders.write(
        folder / "1",
        graphs.softmax_regression("iris", *parameters),
        "Which of three irises a flower is of, from the length and width of its sepals and petals: softmax regression.",
        data.target_names,
        folders.metrics(test_y, folders.softmax_regression(test_x, *exact)),
        {"data": "scikit-learn iris", "held_out_rows": str(len(test_y))},
        folders.golden(rows, folders.softmax_regression(rows.astype(np.float64), *exact)),
    )
