"""What opens the manifest of a folder of results: enough to make the same bytes again."""

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from knowntruth.world.definition.world import World

LIBRARIES: Final = (
    "knowntruth", "numpy", "pandas", "pyarrow", "scipy", "pymc", "pytensor", "nutpie", "arviz", "xarray", "dowhy",
    "pyfixest", "networkx", "matplotlib",
)  # fmt: skip
"""Those whose release can move a number or a byte."""


def versions() -> dict[str, str]:
    """Return the release of Python and of each of `LIBRARIES`."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def head(world: "World", sessions: int, users: int | None, seed: int, **settings: Any) -> dict[str, Any]:
    """Return the opening of the manifest: the world with every dial, what was asked of it, and the versions."""
    about = {"name": world.name, "description": world.description, "based_on": world.based_on}
    return {
        "world": {**about, "dials": world.values()},
        "sessions": sessions,
        "users": users,
        "seed": seed,
        **settings,
        "versions": versions(),
    }


def toml_value(value: Any) -> str:
    """Return a dial's value as it would stand in a TOML file.

    Examples
    --------
    >>> written([0.0, 0.5]), written(True), written(None)
    ('[0.0, 0.5]', 'true', 'not set')
    """
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)
