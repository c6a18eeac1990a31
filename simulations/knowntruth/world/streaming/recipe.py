"""A recipe: a world and a seed as plain data, small enough to be sent with every task.

Mechanisms of the registry are sent by name, since every process has them; only your own are sent as code.
"""

from dataclasses import dataclass
from typing import Any, Final

from knowntruth.engine.intervention import Intervention
from knowntruth.engine.mechanism import Mechanism
from knowntruth.world.definition.registry import MECHANISMS
from knowntruth.world.definition.world import World, validated

_REGISTRY: Final = {m.name: m for m in MECHANISMS}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that determines the rows; ``mechanisms`` are names from the registry, or your own mechanisms."""

    name: str
    dials: dict[str, dict[str, Any]]
    mechanisms: tuple[str | Mechanism, ...]
    interventions: tuple[Intervention, ...]
    seed: int

    def world(self) -> World:
        """Return the world."""
        mechanisms = tuple(_REGISTRY[m] if isinstance(m, str) else m for m in self.mechanisms)
        dials = validated(self.dials, mechanisms, self.name)
        return World(self.name, "", "", None, dials, mechanisms, self.interventions)

    def described(self) -> dict[str, Any]:
        """Return the recipe as JSON data, the same in every process; code is given by its name."""
        return {
            "world": {
                "name": self.name,
                "dials": self.dials,
                "own_mechanisms": [m.name for m in self.mechanisms if not isinstance(m, str)],
                "interventions": [_described(i) for i in self.interventions],
            },
            "seed": self.seed,
        }


def recipe(world: World, seed: int) -> Recipe:
    """Return the recipe of a world and a seed."""
    mechanisms = tuple(m.name if _REGISTRY.get(m.name) is m else m for m in world.mechanisms)
    return Recipe(world.name, world.values(), mechanisms, world.interventions, seed)


def _described(intervention: Intervention) -> dict[str, Any]:
    into = intervention.into
    return {
        "variable": intervention.variable,
        "amount": intervention.amount,
        "into": None if into is None else sorted(into),
        "seen": _code(intervention.seen),
        "elsewhere": _code(intervention.elsewhere),
    }


def _code(value: Any) -> Any:
    """Return a function as its name and closure, and a plain value as its representation."""
    if not callable(value):
        return None if value is None else repr(value)
    holds = [_code(cell.cell_contents) for cell in getattr(value, "__closure__", None) or ()]
    return {"function": getattr(value, "__qualname__", type(value).__qualname__), "holds": holds}
