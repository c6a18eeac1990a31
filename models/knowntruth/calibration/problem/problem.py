"""A calibration problem: parameters to choose, moments to reproduce, and the outcome of a choice.

`fit` searches for the choice that reproduces the targets best; `bounds` for the choices that reproduce them well
enough and differ most in their true effects. Neither depends on what a `Problem` simulates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowntruth.common.arrays import Floats


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number to choose: its name (of a dial: ``section.dial``), its range, and its starting value.

    Examples
    --------
    >>> Parameter("ability", 0.0, 0.6, 0.3).name
    'ability'
    """

    name: str
    lower: float
    upper: float
    start: float


@dataclass(frozen=True, slots=True)
class Moment:
    """A number to reproduce: its name (a key of ``figures.csv``), the published value, and its standard error.

    ``error`` is a standard error in the value's units: sampling and, as half the step over the root of 3, rounding.

    Examples
    --------
    >>> Moment("slope", 0.8, 0.05).name
    'slope'
    """

    name: str
    target: float
    error: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one choice of parameters: simulated moments and truths, in the order of the problem's names.

    Examples
    --------
    >>> Outcome(np.array([0.8]), np.array([0.5])).truths.tolist()
    [0.5]
    """

    moments: Floats
    truths: Floats


class Problem(Protocol):
    """What is to be calibrated; `simulate` gives the same outcome for the same choice, to the last bit."""

    @property
    def parameters(self) -> Sequence[Parameter]:
        """The numbers to choose."""

    @property
    def moments(self) -> Sequence[Moment]:
        """The numbers to reproduce."""

    @property
    def truths(self) -> Sequence[str]:
        """Names of the true effects that a choice implies."""

    def simulate(self, choice: Floats) -> Outcome:
        """Return what a choice of all parameters, shape (parameters,), gives."""
