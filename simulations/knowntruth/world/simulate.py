"""Simulate: one world, one seed, one dataset, with what a study sees and what is true kept apart."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import networkx as nx
import numpy as np
import pyarrow as pa

from knowntruth.datasets.schema import OBSERVED, Column
from knowntruth.world.catalogue import variables
from knowntruth.world.engine import Frame, run
from knowntruth.world.graph import acting_graph
from knowntruth.world.mechanism import Values, Variable
from knowntruth.world.sampling import sample, session_ids
from knowntruth.world.world import World

BLOCK: Final = 32_768
"""Sessions that run in one piece: small enough for the columns of one mechanism to stay in the processor's cache."""

_STORAGE = {"id": pa.int64(), "count": pa.int32(), "level": pa.int8(), "real": pa.float64(), "flag": pa.bool_()}


@dataclass(frozen=True)
class Dataset:
    """What a simulation returns.

    ``observed`` has the observed schema; ``truth`` has every other variable, a row a session in the same order; the
    two share only ``session_id``.
    """

    world: World
    seed: int
    observed: pa.Table
    truth: pa.Table

    @cached_property
    def graph(self) -> "nx.DiGraph[str]":
        """The causal graph of what acts in this world, as data; put on trial when it is first asked for."""
        return acting_graph(self.world)


def simulate(world: World, sessions: int = 40_000, *, seed: int, users: int | None = None) -> Dataset:
    """Return a dataset of ``sessions`` interactive sessions (from exactly ``users`` people if that is given).

    The same world and seed give the same bytes anywhere, and a smaller dataset is the beginning of a larger one.

    Raises
    ------
    InputError
        If the numbers are impossible.

    Examples
    --------
    >>> from knowntruth.world.world import load
    >>> simulate(load("published"), 100, seed=1).observed.num_rows
    100
    """
    frame = sample(world, sessions, seed, users)
    return dataset(world, frame)


def dataset(world: World, frame: Frame) -> Dataset:
    """Return the dataset of the sessions of a frame.

    Blocks of people run in threads of their own; noise is keyed, so their number and size change no byte.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        parts = list(threads.map(lambda block: tables(world, block), frame.blocks(BLOCK)))
    observed, truth = (pa.concat_tables(tables).combine_chunks() for tables in zip(*parts, strict=True))
    return Dataset(world, frame.seed, observed, truth)


def tables(world: World, frame: Frame) -> tuple[pa.Table, pa.Table]:
    """Return the observed rows and the truth of the sessions of a frame."""
    values = run(world, frame)
    known = variables(world.mechanisms)
    user_level = {output.name for m in world.mechanisms if m.level == "user" for output in m.outputs}
    columns = {name: v[frame.owner] if name in user_level else v for name, v in values.items()}
    keys = {"session_id": session_ids(frame), "user_id": frame.users[frame.owner]}
    observed = {c.name: _observed(c, (keys | columns)[c.name]) for c in OBSERVED}
    hidden = {name: _hidden(known[name], columns[name]) for name in sorted(columns) if not known[name].observed}
    return pa.table(observed), pa.table({"session_id": pa.array(keys["session_id"])} | hidden)


def _observed(column: Column, values: Values) -> pa.Array:
    if column.kind == "category":
        return _dictionary(values, column.categories)
    missing = values == 0 if column.nullable and column.kind == "level" else None
    return pa.array(values, type=_STORAGE[column.kind], mask=missing)


def _hidden(variable: Variable, values: Values) -> pa.Array:
    return _dictionary(values, variable.categories) if variable.categories else pa.array(values)


def _dictionary(codes: Values, categories: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(categories))
