"""Which of three cultivars a wine is of, from 13 measurements: a version to begin with, a better one, and three to try rollouts with."""

import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from training import folders, graphs

WHAT = "Which of three cultivars a wine is of, from 13 measurements"
TO_TRY = "Made for trying rollouts out"
SLOW_ROUNDS, SLOW_WIDTH = 5000, 8192  # about 30 ms a row on one core
ASH, ASH_LIMIT = 2, 2.6  # two of nine wines have as much ash or more
EXCHANGED = (3, 4)  # alcalinity of ash, magnesium


def fit(features, labels, regularisation):
    scaler = StandardScaler().fit(features)
    regression = LogisticRegression(C=regularisation, tol=1e-10, max_iter=10_000).fit(scaler.transform(features), labels)
    return [folders.rounded(part) for part in (scaler.mean_, scaler.scale_, regression.coef_.T, regression.intercept_)]


def exchange_columns(parameters, left, right):
    """What a model learned about one column, applied to the other and the other way round."""
    mean, scale, weights, bias = (part.copy() for part in parameters)
    for part in (mean, scale, weights):
        part[[left, right]] = part[[right, left]]
    return [mean, scale, weights, bias]


class Writer:
    """Writes a version with its figures on the held-out rows; where a graph does not answer all rows, on those that it answers."""

    def __init__(self, folder, data, test_x, test_y):
        self.folder, self.data, self.test_x, self.test_y = folder, data, test_x, test_y

    def write(self, version, model, parameters, description, answers=None, **tags):
        answered = slice(None) if answers is None else answers(self.test_x)
        test_x, test_y = self.test_x[answered], self.test_y[answered]
        rows = folders.golden_rows(self.data, test_x)
        exact = [part.astype(np.float64) for part in parameters]
        folders.write(
            self.folder / str(version),
            model,
            description,
            self.data.target_names,
            folders.metrics(test_y, folders.softmax_regression(test_x, *exact)),
            {"data": "scikit-learn wine", "held_out_rows": str(len(self.test_y)), **tags},
            folders.golden(rows, folders.softmax_regression(rows.astype(np.float64), *exact)),
        )


def write_rows(path, data, test_x, test_y):
    """Real inputs to ask any version with, and what is right."""
    lines = [",".join([*(name.replace("/", "_") for name in data.feature_names), "label"])]
    lines += [",".join([*(f"{value:g}" for value in row), str(label)]) for row, label in zip(test_x, test_y)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def train(folder):
    data = load_wine()
    train_x, test_x, train_y, test_y = folders.split(data)
    plain, better = fit(train_x, train_y, 0.01), fit(train_x, train_y, 1)
    spoiled = exchange_columns(better, *EXCHANGED)
    writer = Writer(folder, data, test_x, test_y)

    # Strongly regularised, with room for a better one.
    writer.write(1, graphs.softmax_regression("wine", *plain), plain, f"{WHAT}: softmax regression.")
    writer.write(2, graphs.softmax_regression("wine", *better), better, f"{WHAT}: softmax regression, less regularised and better than version 1.")

    writer.write(
        3, graphs.slow_softmax_regression("wine", *better, SLOW_ROUNDS, SLOW_WIDTH), better,
        f"{TO_TRY}: the answers of version 2, but each row takes much longer.", rollout="slow")
    writer.write(
        4, graphs.filtering_softmax_regression("wine", *better, ASH, ASH_LIMIT), better,
        f"{TO_TRY}: the answers of version 2, but it fails on wines with {ASH_LIMIT} or more of ash. Its metrics are of the rows that it answers.",
        answers=lambda rows: rows[:, ASH] < ASH_LIMIT, rollout="fails",
        failing_rows=str(int((test_x[:, ASH] >= ASH_LIMIT).sum())))
    writer.write(
        5, graphs.softmax_regression("wine", *spoiled), spoiled,
        f"{TO_TRY}: as fast as version 2, but two columns are exchanged ({data.feature_names[EXCHANGED[0]]}, {data.feature_names[EXCHANGED[1]]}), "
        "so that many answers are wrong.", rollout="wrong")
    write_rows(folder / "held_out.csv", data, test_x, test_y)
