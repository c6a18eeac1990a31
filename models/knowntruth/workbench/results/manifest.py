"""The head of the manifest of a results folder: enough to reproduce the same bytes."""

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
"""Libraries whose version can change a number or a byte."""


def versions() -> dict[str, str]:
    """Return the release of Python and of each of `LIBRARIES`."""
    return {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}


def head(world: "World", sessions: int, users: int | None, seed: int, **settings: Any) -> dict[str, Any]:
    """Return the opening of the manifest: the world with every dial, the settings, and the versions."""
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
    """Return a dial's value as in a TOML file.

    Examples
    --------
    >>> toml_value([0.0, 0.5]), toml_value(True), toml_value(None)
    ('[0.0, 0.5]', 'true', 'not set')
    """
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)
