"""Exports of the panel: the world as a TOML file, and the setting as Python code.

The file has only what differs from the preset, as a named world has, and can be given to any
command: ``knowntruth study --world mine.toml``.
"""

import json
from pathlib import Path
from typing import Any

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import write_text
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.panel.state.dials import DIALS
from knowntruth.workbench.panel.state.setting import Setting
from knowntruth.world.definition.world import World, load, names


def world_text(setting: Setting) -> str:
    """Return the TOML of a setting's world.

    Examples
    --------
    >>> print(world_text(Setting("null").moved("halo", 1.0)))
    based_on = "null"
    description = "As null, with halo at 1 (SD of the rater's score)."
    lesson = "A world of your own: write here what it shows."
    <BLANKLINE>
    [rated_expertise]
    halo = 1.0
    <BLANKLINE>
    """
    lines = [
        f"based_on = {_toml(_base(setting))}",
        f"description = {_toml(describe(setting))}",
        'lesson = "A world of your own: write here what it shows."',
    ]
    for section, values in changes(setting).items():
        lines += ["", f"[{section}]", *(f"{name} = {_toml(value)}" for name, value in values.items())]
    return "\n".join(lines) + "\n"


def save(setting: Setting, path: Path | str, *, replace: bool = False) -> Path:
    """Write the world of a setting to ``path`` and return it; ``.toml`` is added where it is missing.

    An existing file with other content is not overwritten unless ``replace``. The file is read back and compared
    with the world.

    Raises
    ------
    InputError
        If the name is empty or that of a named world, the file exists and differs, or cannot be written.
    """
    path = Path(str(path).strip())
    path = path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml") if path.name else path
    if not path.name or path.stem in names():
        raise InputError(f"{path.stem!r} cannot be the name of your own world; choose a name that is not taken")
    text = world_text(setting)
    if path.exists() and not replace and path.read_bytes() != text.encode("utf-8"):
        raise InputError(f"{path} exists and differs; choose another name, or allow to replace it")
    write_text(path, text)
    _same(load(path), setting.world)
    return path


def code(setting: Setting) -> str:
    """Return Python code for this world, its sessions and its truth.

    Examples
    --------
    >>> print(code(Setting("null", sessions=5000).moved("halo", 1.0)))
    from knowntruth.world.definition.world import load
    from knowntruth.world.simulate import simulate
    from knowntruth.world.truths.estimands import truth
    <BLANKLINE>
    world = load("null").turn(
        rated_expertise={"halo": 1.0},
    )
    observed = simulate(world, 5_000, seed=1).observed.to_pandas()
    true = truth(world, 5_000, seed=1)
    <BLANKLINE>
    """
    turned = "".join(f"    {section}={_python(values)},\n" for section, values in changes(setting).items())
    world = f"load({_python(setting.preset)})" + (f".turn(\n{turned})" if turned else "")
    size = f"world, {setting.sessions:_}, seed={setting.seed}"
    return (
        "from knowntruth.world.definition.world import load\n"
        "from knowntruth.world.simulate import simulate\n"
        "from knowntruth.world.truths.estimands import truth\n\n"
        f"world = {world}\n"
        f"observed = simulate({size}).observed.to_pandas()\n"
        f"true = truth({size})\n"
    )


def changes(setting: Setting) -> dict[str, dict[str, Any]]:
    """Return what differs from the preset, by mechanism and dial."""
    here, there = setting.world.values(), setting.base.values()
    differing = {
        section: {name: value for name, value in values.items() if value != there[section][name]}
        for section, values in here.items()
    }
    return {section: values for section, values in differing.items() if values}


def describe(setting: Setting) -> str:
    """Describe in one sentence which dials were moved, and to which position."""
    moved = [
        f"{each.label.lower()} at {number(setting.position(each.name))} ({each.unit})"
        for each in DIALS
        if abs(setting.position(each.name) - each.position(setting.base)) >= each.step / 1000
    ]
    name = Path(setting.preset).stem
    return f"As {name}, with {', '.join(moved)}." if moved else f"As {name}."


def _base(setting: Setting) -> str:
    """Return what the file is based on: a name, or the full path of a file of the user's own."""
    return setting.preset if setting.preset in names() else str(Path(setting.preset).resolve())


def _toml(value: Any) -> str:
    """Return a text, number, flag or list as TOML, which writes these as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _python(value: Any) -> str:
    """Return a value as Python with the quotes that this project uses."""
    return json.dumps(value, ensure_ascii=False).replace("true", "True").replace("false", "False")


def _same(read: World, meant: World) -> None:
    if read.differences(meant):
        raise AssertionError(f"the file differs from the world in {read.differences(meant)}")
