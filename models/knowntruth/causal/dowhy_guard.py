"""Calls into DoWhy that leave no seeds, warnings or output behind.

DoWhy seeds and draws from the global random state, logs warnings that users cannot act on, and some of its
calls use keywords that pandas has deprecated. Importing it even draws from Python's own generator and
replaces the function that prints results at the prompt. `quietly` wraps each call: the global
states are restored exactly, and only the warnings listed in `SUPPRESSED` are silenced.
"""

import logging
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np

SUPPRESSED: Final[tuple[tuple[type[Warning], str], ...]] = (
    # Shown once, when Python compiles dowhy/graph.py for the first time.
    (SyntaxWarning, r".*invalid escape sequence"),
    # pandas 4 will drop ``copy=``, which DoWhy 0.14 passes in regression_estimator.py.
    (DeprecationWarning, r"The copy keyword is deprecated"),
    # Some of DoWhy's calls leave a hidden node in the graph, which is intended.
    (UserWarning, r"\d+ variables are assumed unobserved because they are not in the dataset"),
    # One simulation per call has no spread; DoWhy divides by it for a p-value that we do not use.
    (RuntimeWarning, r"(divide by zero|invalid value) encountered in scalar divide"),
)


@contextmanager
def quietly(seed: int | None = None) -> Iterator[None]:
    """Run DoWhy with the global random states saved, seeded by ``seed`` if given, and restored.

    The states are global because DoWhy's are: there is no generator to pass to its simulation of a hidden
    common cause.
    """
    # DoWhy draws from the legacy global state, so that is the state to save and restore.
    numpy_state, python_state = np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002
    logger, display = logging.getLogger("dowhy"), sys.displayhook
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        if seed is not None:
            np.random.seed(seed)  # noqa: NPY002
        with warnings.catch_warnings():
            for category, message in SUPPRESSED:
                warnings.filterwarnings("ignore", message=message, category=category)
            yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
        logger.setLevel(level)
        sys.displayhook = display


def import_dowhy() -> Any:
    """Return the DoWhy module, imported on first use because that takes about five seconds."""
    with quietly():
        import dowhy as module
    return module


def stream_seeds(seed: int, stream: str, number: int) -> list[int]:
    """Return ``number`` seeds below 2**32 for one named stream; no two decisions share random numbers."""
    key = [seed, *stream.encode()]
    return [int(word) for word in np.random.SeedSequence(key).generate_state(number)]
