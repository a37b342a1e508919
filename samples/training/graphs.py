"""Classifiers as ONNX graphs of core operators only: features [-1, n] -> label [-1], probabilities [-1, classes]."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17  # old enough for every runtime in use, new enough for all operators used here
IR_VERSION = 8  # the format version that belongs to that opset


class ClassifierGraph:
    """A graph in the making. Whoever fills it computes "scores" [-1, classes] from "features"; what follows is the same for all."""

    def __init__(self, name, features, classes):
        self.name, self.features, self.classes = name, features, classes
        self._nodes, self._constants = [], []

    def node(self, operator, inputs, output, **attributes):
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name, value):
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def standardise(self, mean, scale):
        self.node("Sub", ["features", self.constant("mean", mean)], "centred")
        return self.node("Div", ["centred", self.constant("scale", scale)], "standardised")

    def linear(self, inputs, weights, bias, output="scores", suffix=""):
        return self.node("Gemm", [inputs, self.constant(f"weights{suffix}", weights), self.constant(f"bias{suffix}", bias)], output)

    def to_model(self):
        self.node("Softmax", ["scores"], "probabilities", axis=1)
        self.node("ArgMax", ["probabilities"], "label", axis=1, keepdims=0)
        graph = helper.make_graph(
            self._nodes,
            self.name,
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", self.features])],
            [
                helper.make_tensor_value_info("label", TensorProto.INT64, ["batch"]),
                helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", self.classes]),
            ],
            self._constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="sluice-samples")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


def softmax_regression(name, mean, scale, weights, bias):
    graph = ClassifierGraph(name, *weights.shape)
    graph.linear(graph.standardise(mean, scale), weights, bias)
    return graph.to_model()


def perceptron(name, scale, layers):
    """features / scale, then layers of (weights, bias) with Relu between them."""
    graph = ClassifierGraph(name, layers[0][0].shape[0], layers[-1][0].shape[1])
    values = graph.node("Div", ["features", graph.constant("scale", scale)], "scaled")
    for number, (weights, bias) in enumerate(layers[:-1], start=1):
        values = graph.node("Relu", [graph.linear(values, weights, bias, f"sums{number}", str(number))], f"hidden{number}")
    graph.linear(values, *layers[-1], suffix=str(len(layers)))
    return graph.to_model()


def slow_softmax_regression(name, mean, scale, weights, bias, rounds, width):
    """The same answers, after rounds x width hyperbolic tangents a row.

    They depend on the row, so no optimiser can compute them beforehand, and what is added to the scores is exactly 0: |tanh| is at most 1, and the
    half of such a number is rounded down. All of it is elementwise or along a row, so a batch of n rows takes n times as long.
    """
    graph = ClassifierGraph(name, *weights.shape)
    graph.linear(graph.standardise(mean, scale), weights, bias, "quick_scores")
    graph.node("ReduceMean", ["standardised"], "average", axes=[1], keepdims=1)
    steps = [graph.constant(each, np.float32(value)) for each, value in (("first", 1), ("end", width + 1), ("step", 1))]
    graph.node("Range", steps, "columns")
    graph.node("Mul", ["average", "columns"], "start")
    graph.node("Loop", [graph.constant("rounds", np.int64(rounds)), "", "start"], "turned", body=_tanh_rounds(width))
    graph.node("ReduceMean", ["turned"], "mean_turned", axes=[1], keepdims=1)
    graph.node("Abs", ["mean_turned"], "magnitude")
    graph.node("Mul", ["magnitude", graph.constant("half", np.float32(0.5))], "half_magnitude")
    graph.node("Floor", ["half_magnitude"], "nothing")
    graph.node("Add", ["quick_scores", "nothing"], "scores")
    return graph.to_model()


def _tanh_rounds(width):
    """The body of the loop: after = tanh(before + start)."""
    state = ["batch", width]
    return helper.make_graph(
        [
            helper.make_node("Identity", ["goes_on"], ["goes_on_still"]),
            helper.make_node("Add", ["before", "start"], ["moved"]),
            helper.make_node("Tanh", ["moved"], ["after"]),
        ],
        "rounds",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("before", TensorProto.FLOAT, state),
        ],
        [
            helper.make_tensor_value_info("goes_on_still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, state),
        ],
    )


def filtering_softmax_regression(name, mean, scale, weights, bias, column, limit):
    """Leaves out the rows whose column is not below the limit, as if it were training data: the answer then fits the request no more, and the run fails.

    The failure is in Reshape, whose shapes are compared before anything is computed: it is the same on every device, unlike an index out of range.
    """
    graph = ClassifierGraph(name, *weights.shape)
    graph.linear(graph.standardise(mean, scale), weights, bias, "all_scores")
    graph.node("Gather", ["features", graph.constant("column", np.int64(column))], "measured", axis=1)
    graph.node("Less", ["measured", graph.constant("limit", np.float32(limit))], "known")
    graph.node("Compress", ["all_scores", "known"], "known_scores", axis=0)
    graph.node("Shape", ["all_scores"], "shape")
    graph.node("Reshape", ["known_scores", "shape"], "scores")
    return graph.to_model()
