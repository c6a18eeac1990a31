"""Extra columns beyond the schema that some strategies need, computed from the world.

Each is what an ideal study of that kind would collect, so a strategy is evaluated at its best: specificity without
error, expertise rated again from the first prompt alone, two tests of ability with a reliability of a half.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from knowntruth.common.arrays import Floats
from knowntruth.engine.noise import Noise
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.run_mechanisms import run
from knowntruth.world.simulate import Dataset

ExtraColumn = Callable[[World, Frame, Dataset], Any]
"""From a world, its sample and its data to one column with one value per session."""

TEST_ERROR: Final = 1.0
"""Standard deviation of the error of a test of ability, in those of ability: a reliability of a half."""


def specificity(world: World, frame: Frame, data: Dataset) -> Floats:
    """Return how specific the requests really are."""
    values: Floats = data.truth["specificity"].to_numpy()
    return values


def first_prompt_expertise(world: World, frame: Frame, data: Dataset) -> Any:
    """Return the rating by the same rater who is given the first prompt alone; missing where it is Unclear."""
    import pandas as pd

    rated = run(world.do(rating="first_prompt_only"), frame, ["rated_expertise"])["rated_expertise"]
    return pd.array(np.where(rated == 0, np.nan, rated)).astype("Int8")


def _ability_test(name: str) -> ExtraColumn:
    def column(world: World, frame: Frame, data: Dataset) -> Floats:
        noise = Noise(frame.seed, name, frame.users, np.zeros_like(frame.users)).normal()
        ability: Floats = data.truth["ability"].to_numpy()
        return ability + TEST_ERROR * noise[frame.owner]

    return column


EXTRA_COLUMNS: Final[Mapping[str, ExtraColumn]] = {
    "specificity": specificity,
    "first_prompt_expertise": first_prompt_expertise,
    "negative_control_exposure": _ability_test("design_first_test"),
    "negative_control_proxy": _ability_test("design_second_test"),
}
"""Every extra column that a world can provide; a new one is one row."""


def with_extra_columns(columns: tuple[str, ...], world: World, frame: Frame, data: Dataset) -> dict[str, Any]:
    """Return the requested columns that exist here, each with one value per session."""
    return {name: EXTRA_COLUMNS[name](world, frame, data) for name in columns if name in EXTRA_COLUMNS}
