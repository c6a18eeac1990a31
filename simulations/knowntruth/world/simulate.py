"""Simulate a dataset from a world and a seed. Observed columns and true values are separate tables."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np
import pyarrow as pa

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.observed import OBSERVED, Column
from knowntruth.engine.mechanism import Variable
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World
from knowntruth.world.graphs.derive import acting_graph
from knowntruth.world.running.columns import Columns
from knowntruth.world.running.frame import Frame
from knowntruth.world.running.partial_frame import PartialFrame
from knowntruth.world.running.run_mechanisms import levels_of, run
from knowntruth.world.running.sampling import sample_blocks

if TYPE_CHECKING:
    import pandas as pd

BLOCK: Final = 32_768
"""Sessions per block: the columns of one mechanism then fit in the processor's cache."""

_STORAGE = {"id": pa.int64(), "count": pa.int32(), "level": pa.int8(), "real": pa.float64(), "flag": pa.bool_()}


@dataclass(frozen=True, repr=False)
class Dataset:
    """The result of a simulation.

    ``observed`` has the observed schema; ``truth`` has every other variable, one row per session in the same order.
    The two share only ``session_id``.

    Examples
    --------
    >>> data = simulate(kt.load_world("null"), 100, seed=1)
    >>> data.observed.num_rows, "rated_expertise" in data.observed.column_names
    (100, True)
    >>> "domain_expertise" in data.observed.column_names, "domain_expertise" in data.truth.column_names
    (False, True)
    """

    world: World
    seed: int
    observed: pa.Table
    truth: pa.Table

    def __repr__(self) -> str:
        """Return world, seed and size."""
        return f"Dataset of world {self.world.name}: {self.observed.num_rows:,} sessions, seed {self.seed}"

    def _repr_html_(self) -> str:
        rows: str = self.observed.slice(0, 5).to_pandas().to_html(index=False, na_rep="–", border=0)
        return f"<b>{self!r}</b><br>observed rows; the true values are in <code>truth</code>{rows}"

    def to_frame(self) -> "pd.DataFrame":
        """Return the observed rows as a data frame."""
        return self.observed.to_pandas()

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The causal graph of the arrows that act in this world, computed at first access."""
        return acting_graph(self.world)


def simulate(world: World, sessions: int = 40_000, *, seed: int, users: int | None = None) -> Dataset:
    """Return a dataset of ``sessions`` interactive sessions (from exactly ``users`` people if that is given).

    The same world and seed give the same bytes on any machine. A smaller dataset is the beginning of a larger one.

    Raises
    ------
    InputError
        If the numbers are impossible.

    Examples
    --------
    >>> simulate(kt.load_world("published"), 100, seed=1).observed.num_rows
    100
    """
    return _dataset(world, seed, sample_blocks(world, sessions, seed, users))


def dataset(world: World, frame: Frame) -> Dataset:
    """Return the dataset of the sessions of a frame."""
    return _dataset(world, frame.seed, [PartialFrame(world, block) for block in frame.blocks(BLOCK)])


def tables(world: World, partial: PartialFrame) -> tuple[pa.Table, pa.Table]:
    """Return the observed rows and the truth of some sessions, starting from the values already computed."""
    data = _dataset(world, partial.frame.seed, [partial])
    return data.observed, data.truth


def _dataset(world: World, seed: int, blocks: list[PartialFrame]) -> Dataset:
    """Return the dataset of some blocks of people.

    Each block runs in its own thread. Noise is keyed, so the number and size of blocks change no byte.
    """
    ends = np.cumsum([len(block.frame.owner) for block in blocks])
    columns = Columns(int(ends[-1]), levels_of(world))

    def fill(block: PartialFrame, end: int) -> None:
        values = run(world, block.frame, given=block.values)
        columns.write(end - len(block.frame.owner), block.frame, values)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(fill, blocks, ends))
    return Dataset(world, seed, *_tables(world, columns.arrays))


def _tables(world: World, columns: Mapping[str, Values]) -> tuple[pa.Table, pa.Table]:
    """Return columns as Arrow tables, without copies where the storage types agree."""
    known = variables(world.mechanisms)
    observed = {c.name: _observed(c, columns[c.name]) for c in OBSERVED}
    hidden = {name: _hidden(known[name], columns[name]) for name in sorted(known) if not known[name].observed}
    return pa.table(observed), pa.table({"session_id": observed["session_id"]} | hidden)


def _observed(column: Column, values: Values) -> pa.Array:
    if column.kind == "category":
        return _dictionary(values, column.categories)
    missing = values == 0 if column.nullable and column.kind == "level" else None
    return pa.array(values, type=_STORAGE[column.kind], mask=missing)


def _hidden(variable: Variable, values: Values) -> pa.Array:
    return _dictionary(values, variable.categories) if variable.categories else pa.array(values)


def _dictionary(codes: Values, categories: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8, copy=False)), pa.array(categories))
