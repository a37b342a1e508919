"""A model behind Flask or FastAPI, as one writes it in an hour: loaded once, POST /predict with {"inputs": [[...]]}.

    server.py flask|fastapi PORT MODEL INPUT

Flask runs by app.run, FastAPI by uvicorn with one worker. Neither writes a line for each request.
"""

import logging
import platform
import sys

import numpy
import onnx
from onnx import numpy_helper


def softmax(x, axis):
    exponents = numpy.exp(x - x.max(axis=axis, keepdims=True))
    return exponents / exponents.sum(axis=axis, keepdims=True)


OPERATORS = {
    "Sub": lambda a, b: a - b,
    "Div": lambda a, b: a / b,
    "Relu": lambda a: numpy.maximum(a, 0),
    "Gemm": lambda a, b, c: a @ b + c,
    "Softmax": lambda a, axis=-1: softmax(a, axis),
    "ArgMax": lambda a, axis=0, keepdims=1: a.argmax(axis=axis),
}


class Model:
    """An ONNX graph of few operators, computed by numpy."""

    def __init__(self, path, input_name):
        graph = onnx.load(path).graph
        self._input = input_name
        self._output = graph.output[0].name
        self._constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._steps = [
            (OPERATORS[node.op_type], list(node.input), node.output[0], {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute})
            for node in graph.node
        ]

    def predict(self, rows):
        values = {**self._constants, self._input: numpy.asarray(rows, dtype=numpy.float32)}
        for operator, inputs, output, attributes in self._steps:
            values[output] = operator(*[values[each] for each in inputs], **attributes)
        return values[self._output].tolist()


def blas():
    """The library that multiplies matrices, as the process has it loaded."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        paths = {line.split()[-1] for line in maps if "blas" in line}
    return ", ".join(sorted(paths)) or "none"


def run_flask(model, port):
    import flask

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = flask.Flask(__name__)

    @app.get("/")
    def greet():
        return "ready"

    @app.post("/predict")
    def predict():
        return flask.jsonify(prediction=model.predict(flask.request.get_json()["inputs"]))

    app.run(host="127.0.0.1", port=port)


def run_fastapi(model, port):
    from typing import List

    import fastapi
    import pydantic
    import uvicorn

    class Inputs(pydantic.BaseModel):
        inputs: List[List[float]]

    app = fastapi.FastAPI()

    @app.get("/")
    async def greet():
        return "ready"

    @app.post("/predict")
    async def predict(body: Inputs):
        return {"prediction": model.predict(body.inputs)}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


def main():
    framework, port, path, input_name = sys.argv[1:]
    model = Model(path, input_name)
    print(f"Python {platform.python_version()}, numpy {numpy.__version__}, BLAS {blas()}", flush=True)
    {"flask": run_flask, "fastapi": run_fastapi}[framework](model, int(port))


if __name__ == "__main__":
    main()
