"""The job of ``knowntruth dataset``: one folder that other tools can read as it is.

    write_dataset("confounded", 5000, seed=3, out=Path("data"), kinds=("parquet",))

======================= ======================================================================================
observed.*              the sessions as a study observes them
truth.*                 true values of the same sessions
potential_outcomes.*    the outcomes of each session at every level of expertise
estimands.*             the true effects, with their Monte Carlo errors
graph.*, graph_main.*   the causal graph of all variables, and of the main ones: GML, DOT, dagitty, JSON
codebook.md             unit and meaning of every column
croissant.json          metadata for loaders of datasets (MLCommons Croissant)
datapackage.json        a Frictionless data package
world.toml, LICENSE     the world, and the licence
SHA256SUMS              hashes of all of these
======================= ======================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from knowntruth.common.errors import InputError
from knowntruth.datasets.metadata import croissant, data_package, package
from knowntruth.datasets.metadata.codebook import codebook
from knowntruth.datasets.schema.estimands import ESTIMANDS, RECOVERIES
from knowntruth.datasets.storage import checksums, formats
from knowntruth.datasets.storage.files import output_folder, write_json, write_text
from knowntruth.workbench.results import manifest
from knowntruth.world.definition.world import World, load, text_of
from knowntruth.world.graphs import files, layout
from knowntruth.world.running.sampling import sample
from knowntruth.world.simulate import Dataset, dataset
from knowntruth.world.truths import codebook as truth_table
from knowntruth.world.truths import estimands as truth
from knowntruth.world.truths import potential_outcomes, principal_strata

if TYPE_CHECKING:
    import pyarrow as pa

MAX_SESSIONS: Final = 1_000_000
"""Largest number of sessions: potential outcomes of more would fill the memory, and text files the disk."""

TRUTH_SESSIONS: Final = 100_000
"""Sessions that are replayed for the true effects in the population."""

GRAPH_TEXTS: Final = {
    "gml": "for networkx, igraph, pgmpy", "dot": "for Graphviz and DoWhy", "json": "node-link data",
    "dagitty.txt": "for dagitty and its R package",
}  # fmt: skip
"""The graph as text, by the ending of its file, and who reads it."""

PICTURE: Final = "graph_main.svg"
"""The main variables only: a picture of all hundred would be unreadable."""

SYNTHETIC: Final = (
    "Synthetic sessions of people who work with a coding agent, simulated by knowntruth. No session is about a real "
    "person, and no result is a finding about reality."
)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A dataset with its potential outcomes and its true effects (``estimands``)."""

    data: Dataset
    potential_outcomes: "pa.Table"
    estimands: "pa.Table"


def simulate_bundle(world: World, sessions: int, seed: int) -> Bundle:
    """Return sessions of a world with their potential outcomes and the true effects.

    Raises
    ------
    InputError
        If there are too many sessions, or a number is impossible.
    """
    if sessions > MAX_SESSIONS:
        raise InputError(
            f"{sessions:,} sessions are more than a dataset for other tools holds ({MAX_SESSIONS:,}); "
            "`knowntruth simulate` writes any number, without potential outcomes"
        )
    frame = sample(world, sessions, seed)
    data = dataset(world, frame)
    outcomes = potential_outcomes.potential_outcome_table(world, frame)
    return Bundle(data, outcomes, _estimands(world, data, outcomes, seed))


def _estimands(world: World, data: Dataset, outcomes: "pa.Table", seed: int) -> "pa.Table":
    import pandas as pd
    import pyarrow as pa

    found = pd.concat(
        [each(world, TRUTH_SESSIONS, seed=seed) for each in (truth.truth, principal_strata.recovery_truth)]
    )
    here = potential_outcomes.sample_effects(outcomes, data.truth["goal"].to_pandas())
    rows = found.merge(here, on=["estimand", "contrast"])
    scales = {e.name: e.scale for e in (*ESTIMANDS, *RECOVERIES)}
    rows = rows.assign(scale=rows["estimand"].map(scales), n=rows["n"].astype("int32"),
                       sample_n=rows["sample_n"].astype("int32"))  # fmt: skip
    return pa.Table.from_pandas(rows[[c.name for c in package.ESTIMAND_COLUMNS]], preserve_index=False)


def write_dataset(world: str, sessions: int, *, seed: int, out: Path, kinds: tuple[str, ...]) -> Bundle:
    """Write a dataset of a world with its truth, graph and metadata into one folder.

    Raises
    ------
    InputError
        If the world, a number or a format is impossible, or the folder cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     _ = write_dataset("null", 100, seed=1, out=Path(place) / "made", kinds=("csv",))
    ...     (Path(place) / "made" / "observed.csv").is_file(), (Path(place) / "made" / "codebook.md").is_file()
    (True, True)
    """
    kinds = formats.check_formats(kinds)
    loaded = load(world)
    head = manifest.head(loaded, sessions, None, seed)
    with output_folder(out, "dataset", head) as folder:
        result = simulate_bundle(loaded, sessions, seed)
        write_all(result, folder, kinds, text_of(world))
    return result


def write_all(result: Bundle, folder: Path, kinds: tuple[str, ...], text: str, *, picture: bool = True) -> None:
    """Write data, truth, graph and metadata into ``folder``; ``text`` is the file of the world."""
    data, world = result.data, result.data.world
    main = layout.main_graph(data.graph)
    for ending in GRAPH_TEXTS:
        write_text(folder / f"graph.{ending}", files.FORMATS[ending](data.graph))
        write_text(folder / f"graph_main.{ending}", files.FORMATS[ending](main))
    if picture:
        write_text(folder / PICTURE, files.FORMATS["svg"](main))
    write_text(folder / "world.toml", text)
    write_text(folder / "LICENSE", package.licence_text())
    description = package.Package(
        f"knowntruth-{_slug(world.name)}", f"World `{world.name}` of knowntruth", _paragraphs(world, data.seed),
        (package.observed(data.observed.num_rows), truth_table.describe(world, data.truth),
         potential_outcomes.describe(world, result.potential_outcomes.num_rows),
         package.estimands(result.estimands.num_rows)),
        kinds, _notes(picture),
    )  # fmt: skip
    tables = {"observed": data.observed, "truth": data.truth, "potential_outcomes": result.potential_outcomes,
              "estimands": result.estimands}  # fmt: skip
    write_package(description, tables, folder)


LICENCE_NOTE: Final = ("LICENSE", f"the licence of the data: {package.LICENCE}")


def write_package(description: package.Package, tables: "Mapping[str, pa.Table]", folder: Path) -> None:
    """Write tables and their metadata, the checksums last."""
    for name, table in tables.items():
        formats.write_table(folder, name, table, description.formats)
    write_text(folder / "codebook.md", codebook(description))
    write_json(folder / data_package.NAME, data_package.data_package(description, folder))
    write_json(folder / croissant.NAME, croissant.croissant(description, folder))
    checksums.write_checksums(folder)


def _paragraphs(world: World, seed: int) -> tuple[str, ...]:
    made_by = f"Simulated from the world `{world.name}` with seed {seed}; the same world and seed give the same rows."
    lesson = f"{world.description} {world.lesson}".strip()
    return (SYNTHETIC, *([lesson] if lesson else []), made_by)


def _notes(picture: bool) -> tuple[tuple[str, str], ...]:
    """Return the files that are not tables, with their descriptions."""
    return (
        *_graph_notes("graph", "all variables"),
        *_graph_notes("graph_main", "the main variables"),
        *([(PICTURE, "a picture of the main variables")] if picture else []),
        ("world.toml", "the dials of the world that differ from those of the world it is based on"),
        LICENCE_NOTE,
    )


def _graph_notes(name: str, of: str) -> tuple[tuple[str, str], ...]:
    return tuple((f"{name}.{ending}", f"causal graph of {of}, {use}") for ending, use in GRAPH_TEXTS.items())


def _slug(name: str) -> str:
    """Return a name in the form that data packages require.

    Examples
    --------
    >>> _slug("My World_2")
    'my-world-2'
    """
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-") or "world"
