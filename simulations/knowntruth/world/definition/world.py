"""A World is a value: a tree of dials read from TOML, the mechanisms that they belong to, and interventions.

``worlds/published.toml`` holds every dial. Any other world states ``based_on`` and the dials that differ. A file
of your own works in the same way::

    based_on = "published"
    description = "As published, but hidden ability does not affect the choice of tasks."

    [difficulty]
    by_ability = 0.0
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.engine.dials import Dials, NoDials
from knowntruth.engine.intervention import Intervention, interventions
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.registry import MECHANISMS, check_order

BASE: Final = "published"
HEADER: Final = ("description", "lesson", "based_on")
MAX_ANCESTORS: Final = 10


@dataclass(frozen=True, repr=False)
class World:
    """A data-generating process: dials by mechanism, the mechanisms, and interventions on them.

    Examples
    --------
    >>> world = load("published").turn(rated_expertise={"halo": 0.0})
    >>> world.dials["rated_expertise"].halo
    0.0
    >>> world.do(domain_expertise=5).name
    'published'
    """

    name: str
    description: str
    lesson: str
    based_on: str | None
    dials: Mapping[str, Dials]
    mechanisms: tuple[Mechanism, ...] = MECHANISMS
    interventions: tuple[Intervention, ...] = field(default=())

    def __repr__(self) -> str:
        """Return name, description, and how many dials and interventions there are, in a few lines."""
        dials = sum(len(values) for values in self.values().values())
        done = ", ".join(each.variable for each in self.interventions) or "none"
        basis = f"\n  based on: {self.based_on}" if self.based_on else ""
        return f"World {self.name}: {self.description}{basis}\n  dials: {dials}; interventions: {done}"

    def _repr_html_(self) -> str:
        from html import escape

        first, *rest = repr(self).split("\n")
        return "<br>".join([f"<b>{escape(first)}</b>", *map(escape, rest)])

    def do(self, **wanted: Any) -> "World":
        """Return this world with variables set, or shifted, for everyone: the same people with the same noise.

        Raises
        ------
        InputError
            If a variable is unknown or a value impossible.

        Examples
        --------
        >>> load("published").do(domain_expertise=5).interventions[0].amount
        5.0
        """
        new = interventions(wanted, self.mechanisms)
        kept = tuple(i for i in self.interventions if i.variable not in wanted)
        return replace(self, interventions=kept + new)

    def factual(self) -> "World":
        """Return this world without interventions."""
        return replace(self, interventions=())

    def turn(self, **sections: Mapping[str, Any]) -> "World":
        """Return this world with some dials turned: ``world.turn(rated_expertise={"halo": 0.0})``.

        Raises
        ------
        InputError
            If there is no such mechanism or dial, or a value is impossible.
        """
        dials = validated(_merge(self.values(), sections), self.mechanisms, self.name)
        return replace(self, dials=dials)

    def with_mechanism(self, mechanism: Mechanism, **dials: Any) -> "World":
        """Return this world with your own mechanism in place of the one with the same variables.

        The graph, ``do`` and the truth follow automatically. ``dials`` are those of the new mechanism.

        Raises
        ------
        InputError
            If no mechanism has these variables, a parent is unknown, the graph has a cycle, or a dial is impossible.

        Examples
        --------
        The difficulty of the chosen task depends on ability alone:

        >>> from knowntruth.engine.mechanism import mechanism
        >>> @mechanism("session", parents=("ability",), unit="SD", meaning="difficulty of the task")
        ... def difficulty(dials, at, noise):
        ...     return 0.5 * at.ability + noise.normal()
        >>> mine = load("published").with_mechanism(difficulty)
        >>> from knowntruth.world.graphs.derive import graph
        >>> list(graph(mine).predecessors("difficulty"))
        ['ability']
        """
        new = {output.name for output in mechanism.outputs}
        replaced = [m for m in self.mechanisms if new & {output.name for output in m.outputs}]
        if len(replaced) != 1 or new != {output.name for output in replaced[0].outputs}:
            current = ", ".join(f"{m.name} has {', '.join(o.name for o in m.outputs)}" for m in replaced) or "none"
            raise InputError(f"a new mechanism must have exactly the variables of one existing mechanism; {current}")
        mechanisms = tuple(mechanism if m is replaced[0] else m for m in self.mechanisms)
        check_order(mechanisms)
        tree = {name: values for name, values in self.values().items() if name != replaced[0].name}
        tree |= {mechanism.name: dials} if dials else {}
        return replace(self, mechanisms=mechanisms, dials=validated(tree, mechanisms, self.name))

    def with_perfect_instruments(self) -> "World":
        """Return this world with perfect instruments, which report the truth."""
        switches = {
            name: {"perfect": True} for name, dials in self.dials.items() if "perfect" in type(dials).model_fields
        }
        return self.turn(**switches)

    def values(self) -> dict[str, dict[str, Any]]:
        """Return every dial's value as plain data, by mechanism."""
        return {name: dials.model_dump() for name, dials in self.dials.items() if type(dials) is not NoDials}

    def differences(self, other: "World") -> list[tuple[str, Any, Any]]:
        """Return the dials that differ from ``other``'s, as (dial, value here, value there)."""
        here, there = _flat(self.values()), _flat(other.values())
        return [
            (key, here.get(key), there.get(key)) for key in sorted(here | there) if here.get(key) != there.get(key)
        ]


def names() -> tuple[str, ...]:
    """Return the names of the worlds that come with the package, ``published`` first.

    Examples
    --------
    >>> "published" in names(), "randomized" in names()
    (True, True)
    """
    found = sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))
    return tuple(sorted(found, key=lambda name: name != BASE))


def load(world: str | Path) -> World:
    """Return the world of that name, or the one in that TOML file.

    Raises
    ------
    InputError
        If there is no such world, or its file is invalid, has an unknown key, or an impossible value.

    Examples
    --------
    >>> load("null").based_on
    'published'
    """
    name, text = _read(world)
    tree = _parse(name, text)
    header = {key: _text(tree, key, name) for key in HEADER if key in tree}
    return World(
        name=name,
        description=header.get("description", ""),
        lesson=header.get("lesson", ""),
        based_on=header.get("based_on"),
        dials=validated(_inherited(tree, name), MECHANISMS, name),
    )


def text_of(world: str | Path) -> str:
    """Return the text of the TOML file of a world given by name or path, as its author wrote it.

    Raises
    ------
    InputError
        If there is no such world, or its file cannot be read.
    """
    return _read(world)[1]


def validated(tree: Mapping[str, Any], mechanisms: tuple[Mechanism, ...], name: str) -> dict[str, Dials]:
    """Return the dials of every mechanism, checked.

    Raises
    ------
    InputError
        Naming the world, the dial, the given value and what is allowed.
    """
    kinds = {m.name: m.dials for m in mechanisms}
    turnable = sorted(section for section, kind in kinds.items() if kind is not NoDials)
    for section in tree:
        if section not in turnable:
            raise InputError(f"world {name}: unknown table or key {section!r}; {_suggest(section, turnable)}")
    return {
        section: _section(kind, tree.get(section, {}), f"world {name}: [{section}]")
        for section, kind in kinds.items()
    }


def _section(kind: type[Dials], given: object, where: str) -> Dials:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        dial = ".".join(str(part) for part in first["loc"])
        allowed = list(kind.model_fields)
        match first["type"]:
            case "extra_forbidden":
                problem = f"unknown dial; {_suggest(str(first['loc'][-1]), allowed)}"
            case "missing":
                problem = "missing; give it a value"
            case _:
                problem = f"{first['msg']}, got {first['input']!r}"
        raise InputError(f"{where} {dial}: {problem}") from None


def _suggest(wrong: str, allowed: list[str]) -> str:
    hint = nearest(wrong, allowed).removeprefix("; ")
    return f"{hint} allowed: {', '.join(allowed)}".lstrip()


def _folder() -> Any:
    return files("knowntruth.world") / "worlds"


def _read(world: str | Path) -> tuple[str, str]:
    """Return the name and the text of a world given by name or path."""
    path = Path(world)
    if path.suffix != ".toml":
        if str(world) not in names():
            raise InputError(
                f"no world {str(world)!r}; {_suggest(str(world), list(names()))}; or give the path of a .toml file"
            )
        return str(world), (_folder() / f"{world}.toml").read_text(encoding="utf-8")
    try:
        return path.stem, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the world file {path}: {error}; give a readable TOML file in UTF-8") from None


def _parse(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"world {name} is not valid TOML: {error}") from None


def _text(tree: Mapping[str, Any], key: str, name: str) -> str:
    if not isinstance(tree[key], str):
        raise InputError(f"world {name}: {key} must be text, got {tree[key]!r}")
    return str(tree[key])


def _inherited(tree: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a world's tables merged over those of the world that it is based on."""
    lineage, current = [tree], tree
    while "based_on" in current:
        if len(lineage) > MAX_ANCESTORS:
            raise InputError(f"world {name}: based_on refers back to itself in a circle")
        current = _parse(*_read(_text(current, "based_on", name)))
        lineage.append(current)
    merged: dict[str, Any] = {}
    for ancestor in reversed(lineage):
        merged = _merge(merged, {key: value for key, value in ancestor.items() if key not in HEADER})
    return merged


def _merge(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Merge ``change`` over ``base``, table by table."""
    merged = dict(base)
    for key, value in change.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": value}
    return flat
