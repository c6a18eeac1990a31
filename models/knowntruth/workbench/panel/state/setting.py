"""A setting: a named world, the positions of its dials, and the sample size; an immutable value, like a world."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from knowntruth.workbench.panel.state.dials import DIALS, dial
from knowntruth.world.definition.world import World, load


@dataclass(frozen=True)
class Setting:
    """What the panel shows: ``positions`` holds the dials that were moved, by name, in the unit of each.

    Examples
    --------
    >>> Setting("null", {"halo": 1.0}).title
    'null, turned'
    """

    preset: str = "published"
    positions: Mapping[str, float] = field(default_factory=dict)
    sessions: int = 20_000
    seed: int = 1

    @cached_property
    def base(self) -> World:
        """The preset with unmoved dials.

        Raises
        ------
        InputError
            If there is no such world.
        """
        return load(self.preset)

    @cached_property
    def world(self) -> World:
        """The preset with the moved dials, under the name of the preset.

        Raises
        ------
        InputError
            If a dial is unknown or outside its range.
        """
        unknown = [name for name in self.positions if name not in {each.name for each in DIALS}]
        for name in unknown:
            dial(name)
        world = self.base
        for each in DIALS:  # always in this order, so that a setting has one world
            if each.name in self.positions:
                world = each.turned(world, self.positions[each.name])
        return world

    def position(self, name: str) -> float:
        """Return the position of a dial: where it was moved to, otherwise that of the preset."""
        return self.positions.get(name, dial(name).position(self.base))

    def moved(self, name: str, position: float) -> "Setting":
        """Return the setting with one dial moved.

        Examples
        --------
        >>> Setting("null").moved("halo", 1.0).world.dials["rated_expertise"].halo
        1.0
        """
        return replace(self, positions={**self.positions, name: position})

    @property
    def title(self) -> str:
        """The preset's name, followed by ``, turned`` if a dial was moved."""
        name = Path(self.preset).stem
        return f"{name}, turned" if self.world.differences(self.base) else name
