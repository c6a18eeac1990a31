"""What the examples in docstrings may use without importing it: ``kt``, ``np`` and ``pd``."""

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def names_of_examples(request: pytest.FixtureRequest) -> None:
    """Give the examples of docstrings the names that every reader has imported."""
    if type(request.node).__name__ != "DoctestItem":
        return
    import numpy as np
    import pandas as pd

    import knowntruth.api as kt

    names: dict[str, Any] = request.getfixturevalue("doctest_namespace")
    names.update(kt=kt, np=np, pd=pd)
