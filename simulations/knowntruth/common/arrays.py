"""Types of arrays, by the type of their elements; they do not state a shape."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Values = NDArray[Any]
"""Elements of any type, such as a variable of a world in the smallest type that holds it."""
