"""Probability formulas that can be read, typeset, and evaluated on a table of the joint distribution.

An identified effect is such a formula. The front-door formula, with ``m`` between ``x`` and ``y``, is::

    Σ_m P(m | x) Σ_x' P(x') P(y | x', m)

A formula holds no data. `Expression.evaluate` evaluates it on the joint distribution of discrete variables, which is
how `exact_worlds` tests it; the estimators do the same by regression.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from knowntruth.common.arrays import Floats

STAR: Final = "*"
"""Mark of a second value of the treatment, x* next to x: in mediation, the one that the mediator responds to."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint distribution: ``values[i, j, ...]`` is the probability of those values of ``names``, in their order."""

    names: tuple[str, ...]
    values: Floats

    def over(self, keep: Iterable[str]) -> Floats:
        """Return the distribution of some of the variables, with axes of length 1 for the others."""
        dropped = tuple(axis for axis, name in enumerate(self.names) if name not in set(keep))
        return np.asarray(self.values.sum(axis=dropped, keepdims=True)) if dropped else self.values

    def starred(self, name: str) -> "Joint":
        """Return the distribution with one more axis, for the second value of a treatment."""
        return Joint((*self.names, name + STAR), self.values[..., None])


@dataclass(frozen=True, slots=True)
class Style:
    """How formulas are written: names, sums over some body, quotients."""

    name: Callable[[str], str]
    sum: Callable[[str, str], str]
    quotient: Callable[[str, str], str]
    bar: str


def _latex_name(name: str) -> str:
    plain, primes = name.rstrip("'*"), name[len(name.rstrip("'*")) :]
    safe = plain.replace("_", r"\_")
    return (safe if len(plain) == 1 else rf"\mathrm{{{safe}}}") + primes.replace("*", "^{*}")


TEXT: Final = Style(str, lambda over, body: f"Σ_{over} {body}", lambda top, low: f"[{top}] / [{low}]", " | ")
LATEX: Final = Style(
    _latex_name,
    lambda over, body: rf"\sum_{{{over}}} {body}",
    lambda top, low: rf"\frac{{{top}}}{{{low}}}",
    r" \mid ",
)


class Expression(Protocol):
    """A formula; ``free`` are the variables on whose values it depends."""

    @property
    def free(self) -> frozenset[str]:
        """Variables that are not summed over."""

    def evaluate(self, joint: Joint) -> Floats:
        """Return the value for all values of the free variables; axes as in ``joint``."""

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Return the formula as text; ``shown`` maps each variable in scope to its written name."""


@dataclass(frozen=True, slots=True)
class Probability:
    """``P(of | given)``."""

    of: tuple[str, ...]
    given: tuple[str, ...] = ()

    @property
    def free(self) -> frozenset[str]:
        """All its variables."""
        return frozenset(self.of + self.given)

    def evaluate(self, joint: Joint) -> Floats:
        """Divide the joint distribution by that of the given; 0 where the given has probability 0."""
        both, given = joint.over(self.free), joint.over(self.given)
        return np.divide(both, given, out=np.zeros_like(both), where=given > 0)

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Write it."""
        of, given = (", ".join(style.name(shown.get(n, n)) for n in names) for names in (self.of, self.given))
        return f"P({of}{style.bar}{given})" if given else f"P({of})"


@dataclass(frozen=True, slots=True)
class Product:
    """The product of some factors."""

    factors: tuple[Expression, ...]

    @property
    def free(self) -> frozenset[str]:
        """Those of all factors."""
        return frozenset[str]().union(*(factor.free for factor in self.factors))

    def evaluate(self, joint: Joint) -> Floats:
        """Multiply."""
        value = np.ones((1,) * len(joint.names))
        for factor in self.factors:
            value = value * factor.evaluate(joint)
        return value

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Write sums last, so that they need no brackets unless there are several."""
        ordered = sorted(self.factors, key=lambda factor: isinstance(factor, Sum))
        sums = sum(isinstance(factor, Sum) for factor in ordered)
        parts = [
            f"({factor.write(style, shown)})" if isinstance(factor, Sum) and sums > 1 else factor.write(style, shown)
            for factor in ordered
        ]
        return " ".join(parts) or "1"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of ``body`` over all values of some variables."""

    over: tuple[str, ...]
    body: Expression

    @property
    def free(self) -> frozenset[str]:
        """Those of the body, less what is summed over."""
        return self.body.free - set(self.over)

    def evaluate(self, joint: Joint) -> Floats:
        """Add up along the axes; a variable that the body does not name counts once for each of its values."""
        value = self.body.evaluate(joint)
        axes = tuple(joint.names.index(name) for name in self.over)
        return np.asarray(value.sum(axis=axes, keepdims=True))

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Write it, with a prime on a variable whose name is used outside the sum."""
        inner = dict(shown)
        for name in self.over:
            label = name
            while label in shown.values():
                label += "'"
            inner[name] = label
        over = ",".join(style.name(inner[name]) for name in self.over)
        return style.sum(over, self.body.write(style, inner))


@dataclass(frozen=True, slots=True)
class Quotient:
    """``top`` over ``bottom``."""

    top: Expression
    bottom: Expression

    @property
    def free(self) -> frozenset[str]:
        """Those of both."""
        return self.top.free | self.bottom.free

    def evaluate(self, joint: Joint) -> Floats:
        """Divide; 0 where the bottom is 0."""
        top, bottom = np.broadcast_arrays(self.top.evaluate(joint), self.bottom.evaluate(joint))
        return np.divide(top, bottom, out=np.zeros(top.shape), where=bottom > 0)

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Write it."""
        return style.quotient(self.top.write(style, shown), self.bottom.write(style, shown))


@dataclass(frozen=True, slots=True)
class Starred:
    """``body`` with the second value of ``name`` in the place of the first."""

    name: str
    body: Expression

    @property
    def free(self) -> frozenset[str]:
        """Those of the body, under the new name."""
        return (self.body.free - {self.name}) | {self.name + STAR}

    def evaluate(self, joint: Joint) -> Floats:
        """Move the axis; the joint must be `Joint.starred`."""
        first, second = joint.names.index(self.name), joint.names.index(self.name + STAR)
        return np.swapaxes(self.body.evaluate(joint), first, second)

    def write(self, style: Style, shown: Mapping[str, str]) -> str:
        """Write it."""
        return self.body.write(style, {**shown, self.name: self.name + STAR})


def text(expression: Expression) -> str:
    """Return a formula as plain text."""
    return expression.write(TEXT, {name: name for name in expression.free})


def latex(expression: Expression) -> str:
    """Return a formula as LaTeX, without dollar signs."""
    return expression.write(LATEX, {name: name for name in expression.free})


def product(factors: Sequence[Expression]) -> Expression:
    """Return the product of the factors, nested products flattened; a single factor is returned as it is."""
    flat: list[Expression] = []
    for factor in factors:
        flat += factor.factors if isinstance(factor, Product) else [factor]
    return flat[0] if len(flat) == 1 else Product(tuple(flat))


def total(over: Iterable[str], body: Expression) -> Expression:
    """Return the sum of ``body``, without the factors that sum to one.

    Examples
    --------
    >>> text(total(["m"], product([Probability(("m",), ("x",)), Probability(("y",), ("x",))])))
    'P(y | x)'
    """
    left = sorted(over)
    while isinstance(body, Sum) and not set(left) & set(body.over):
        left, body = sorted({*left, *body.over}), body.body
    factors = list(body.factors) if isinstance(body, Product) else [body]
    while found := next(((name, only) for name in left if (only := _sole_factor(name, factors))), None):
        name, only = found
        rest = tuple(n for n in only.of if n != name)
        place = factors.index(only)
        factors[place : place + 1] = [Probability(rest, only.given)] if rest else []
        left.remove(name)
    inner = product(factors)
    return Sum(tuple(left), inner) if left else inner


def _sole_factor(name: str, factors: Sequence[Expression]) -> Probability | None:
    """Return the only factor that contains ``name``, if it is a probability of ``name``."""
    holding = [factor for factor in factors if name in factor.free]
    only = holding[0] if len(holding) == 1 else None
    return only if isinstance(only, Probability) and name in only.of else None
