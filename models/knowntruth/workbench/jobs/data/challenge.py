"""The job of ``knowntruth dataset --hide-truth``: an open folder to share, and a sealed one with the answers.

The open folder has the observed rows, their codebook and a form for the estimates. It names neither world nor seed;
its graph is the one that all worlds declare, because the arrows that act in this one would reveal zero effects.
Its manifest has a *commitment*: the hash of ``key.json`` in the sealed folder, which contains 256 random bits,
the world, the seed and the hashes of the answers. Nobody can guess the answers from it, and when the sealed folder is
opened everyone can see that they were not changed.
"""

import json
import secrets
from pathlib import Path
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.metadata import package
from knowntruth.datasets.scoring import answers
from knowntruth.datasets.storage import formats
from knowntruth.datasets.storage.files import check_output, output_folder, sha256, write_csv, write_json, write_text
from knowntruth.workbench.jobs.data.dataset import (
    GRAPH_TEXTS,
    LICENCE_NOTE,
    SYNTHETIC,
    Bundle,
    simulate_bundle,
    write_all,
    write_package,
)
from knowntruth.workbench.results import manifest
from knowntruth.world.definition.world import BASE, load, text_of
from knowntruth.world.graphs import files
from knowntruth.world.graphs.derive import graph

SEALED: Final = ".sealed"
"""How the name of the sealed folder ends."""

FORM: Final = "estimates.csv"
KEY: Final = "key.json"
OPEN: Final = "dataset"
"""The command in the manifest of the open folder: the same as for any dataset."""

SEED_BITS: Final = 64
SALT_BYTES: Final = 32
NAME_DIGITS: Final = 8


def default_sealed_folder(folder: Path) -> Path:
    """Return the default folder of the answers to an open folder.

    Examples
    --------
    >>> default_sealed_folder(Path("challenge")).name
    'challenge.sealed'
    """
    folder = folder.resolve()
    return folder.with_name(folder.name + SEALED)


def write_challenge(
    world: str, sessions: int, *, out: Path, kinds: tuple[str, ...], sealed: Path | None = None
) -> Path:
    """Write an open and a sealed folder of a world, with a secret seed; return the sealed one.

    Raises
    ------
    InputError
        If the world, a number or a format is impossible, a folder cannot be written, the sealed folder is inside the
        open one, or it contains the answers to an earlier challenge.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     sealed = write_challenge("null", 100, out=Path(place) / "open", kinds=("csv",))
    ...     (Path(place) / "open" / "observed.csv").is_file(), sealed.is_dir()
    (True, True)
    """
    kinds, loaded, seed = formats.check_formats(kinds), load(world), secrets.randbits(SEED_BITS)
    sealed = default_sealed_folder(out) if sealed is None else sealed
    _check_apart(out, sealed)
    check_output(out, OPEN)
    with output_folder(sealed, "dataset --hide-truth", manifest.head(loaded, sessions, None, seed)) as folder:
        sealed.chmod(0o700)
        result = simulate_bundle(loaded, sessions, seed)
        write_all(result, folder, kinds, text_of(world), picture=False)
        write_json(folder / KEY, _key(world, seed, folder))
    _write_open(result, out, kinds, sha256(sealed / KEY))
    return sealed


def _check_apart(out: Path, sealed: Path) -> None:
    if sealed.resolve().is_relative_to(out.resolve()):
        raise InputError(f"the sealed folder {sealed} is inside the open one {out}; choose one outside")
    if sealed.exists() and (not sealed.is_dir() or any(sealed.iterdir())):
        raise InputError(f"{sealed} contains the answers to an earlier challenge, or other files; "
                         "move it away, or choose another --out")  # fmt: skip


def _key(world: str, seed: int, folder: Path) -> dict[str, Any]:
    true = sorted(file.name for file in folder.glob(f"{answers.TRUE}.*"))
    hashes = {name: sha256(folder / name) for name in true}
    return {"salt": secrets.token_hex(SALT_BYTES), "world": world, "seed": seed, "files": hashes}


def _write_open(result: Bundle, out: Path, kinds: tuple[str, ...], commitment: str) -> None:
    observed, name = result.data.observed, commitment[:NAME_DIGITS]
    head = {"challenge": name, "sessions": observed.num_rows, "commitment": commitment,
            "versions": manifest.versions()}  # fmt: skip
    notes = (
        (FORM, "the form for your estimates: fill in value, lower and upper"),
        *((f"graph.{ending}", "the arrows that any world may have; which of them act in this one is not shown")
          for ending in GRAPH_TEXTS),
        LICENCE_NOTE,
    )  # fmt: skip
    description = package.Package(f"knowntruth-challenge-{name}", f"Blind challenge {name}", _paragraphs(commitment),
                           (package.observed(observed.num_rows),), kinds, notes)  # fmt: skip
    with output_folder(out, OPEN, head) as folder:
        for ending in GRAPH_TEXTS:
            write_text(folder / f"graph.{ending}", files.FORMATS[ending](graph(load(BASE))))
        write_csv(folder / FORM, answers.template(result.estimands.to_pandas()))
        write_text(folder / "LICENSE", package.licence_text())
        write_package(description, {"observed": observed}, folder)


def _paragraphs(commitment: str) -> tuple[str, ...]:
    return (
        SYNTHETIC,
        f"The true effects of expertise are known, but not given here. Please fill in `{FORM}`: `value` with "
        "the limits of a 95% interval for each contrast, or the limits alone. Submit it to whoever has the answers: "
        "`knowntruth score` grades it.",
        f"The answers are fixed: the SHA-256 hash of the file `{KEY}` stored with them is {commitment}.",
    )


def check_commitment(sealed: Path, opened: Path) -> None:
    """Check that the answers are those to which an open folder is committed, if both can be read.

    Raises
    ------
    InputError
        If they are not.
    """
    head = opened / "manifest.json"
    if not (head.is_file() and (sealed / KEY).is_file()):
        return
    commitment = json.loads(head.read_bytes()).get("commitment")
    key = json.loads((sealed / KEY).read_bytes())
    changed = [name for name, before in key["files"].items() if sha256(sealed / name) != before]
    if commitment and (commitment != sha256(sealed / KEY) or changed):
        which = ", ".join(changed) or KEY
        raise InputError(f"{sealed} does not contain the answers to which {opened} is committed: {which} differs; "
                         "look for the folder that was written with it")  # fmt: skip
