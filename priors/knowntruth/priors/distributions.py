"""The closed list of distributions that a prior row may name, by support.

A parameter of a model asks for a *support*, not for one distribution: an effect may be any `RealPrior`, a spread
any `PositivePrior`, shares that sum to one a `SimplexPrior`. So a row with a
normal distribution for a spread is refused when the file is read.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1)]
Words = Annotated[str, Field(min_length=1)]


class Row(BaseModel):
    """Fields of every row in addition to its distribution: unit of the parameter, source, and the reason."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    unit: Words
    source: Words
    why: Words


class Normal(Row):
    """Normal with ``mean`` and standard deviation ``sd``, in the row's unit."""

    distribution: Literal["normal"]
    mean: Finite
    sd: Positive


class StudentT(Row):
    """Student t: a normal with heavier tails, ``degrees_of_freedom`` above 0."""

    distribution: Literal["student_t"]
    mean: Finite
    scale: Positive
    degrees_of_freedom: Positive


class HalfNormal(Row):
    """The positive half of a normal around 0 with standard deviation ``sd``."""

    distribution: Literal["half_normal"]
    sd: Positive


class HalfStudentT(Row):
    """The positive half of a Student t around 0."""

    distribution: Literal["half_student_t"]
    scale: Positive
    degrees_of_freedom: Positive


class Exponential(Row):
    """Exponential with the given ``mean``."""

    distribution: Literal["exponential"]
    mean: Positive


class Gamma(Row):
    """Gamma by its ``mean`` and standard deviation ``sd``."""

    distribution: Literal["gamma"]
    mean: Positive
    sd: Positive


class Dirichlet(Row):
    """Symmetric Dirichlet; ``concentration`` 1 is flat, larger values favour equal shares."""

    distribution: Literal["dirichlet"]
    concentration: Positive


class NearDiagonal(Row):
    """Chances of each rating for each true level: one Dirichlet per row, concentrated near the diagonal.

    ``agreement`` is the expected share of correct ratings; the rest falls off by the factor ``decay`` with each
    further level; ``concentration`` is the equivalent number of ratings of each true level.
    """

    distribution: Literal["near_diagonal"]
    agreement: Share
    decay: Share
    concentration: Positive

    def weights(self, levels: int) -> list[list[float]]:
        """Return the parameters of the Dirichlet, one row per true level.

        Examples
        --------
        >>> row = NearDiagonal(distribution="near_diagonal", agreement=0.6, decay=0.5, concentration=10.0,
        ...                    unit="u", source="s", why="w")
        >>> [round(weight, 2) for weight in row.weights(3)[0]]
        [6.0, 2.67, 1.33]
        """
        return [self._row(true, levels) for true in range(levels)]

    def _row(self, true: int, levels: int) -> list[float]:
        falls = [0.0 if rated == true else self.decay ** abs(rated - true) for rated in range(levels)]
        missed = (1.0 - self.agreement) / sum(falls)
        shares = [self.agreement if rated == true else missed * fall for rated, fall in enumerate(falls)]
        return [self.concentration * share for share in shares]


RealPrior = Annotated[Normal | StudentT, Field(discriminator="distribution")]
PositivePrior = Annotated[HalfNormal | HalfStudentT | Exponential | Gamma, Field(discriminator="distribution")]
SimplexPrior = Dirichlet
ConfusionPrior = NearDiagonal
Prior = Normal | StudentT | HalfNormal | HalfStudentT | Exponential | Gamma | Dirichlet
