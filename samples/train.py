#!/usr/bin/env python3
"""Trains the sample models and writes them as ONNX files, with their figures and golden vectors.

Usage:  /usr/bin/python3 samples/train.py           writes samples/<model>/<version>/
        /usr/bin/python3 samples/train.py --check   trains again and compares with the committed files

Needs Debian's python3-sklearn and python3-onnx. The data sets come with scikit-learn; nothing is downloaded.
The result is the same on every machine: seeds are fixed and weights are rounded before they are written.
"""

import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # a check leaves the repository as it was

from training import digits, iris, wine  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = {"digits": digits.train, "iris": iris.train, "wine": wine.train}


def files_in(folder):
    """Content by path below the folder."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def check():
    different, count = [], 0
    with tempfile.TemporaryDirectory() as temporary:
        for name, train in SAMPLES.items():
            fresh = pathlib.Path(temporary) / name
            train(fresh)
            made, committed = files_in(fresh), files_in(HERE / name)
            count += len(made)
            different += [f"{name}/{file}" for file in sorted(made.keys() | committed.keys()) if made.get(file) != committed.get(file)]
    if different:
        sys.exit(f"differs from the committed file: {', '.join(different)}")
    print(f"{len(SAMPLES)} models, {count} files: reproduced byte by byte")


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
