"""Codebook of the truth table: the meaning of each hidden variable, read from its mechanism."""

from typing import Final

import pyarrow as pa

from knowntruth.datasets.metadata.package import Described
from knowntruth.datasets.schema.observed import Column, Kind, observed_columns
from knowntruth.engine.mechanism import Variable
from knowntruth.world.definition.registry import variables
from knowntruth.world.definition.world import World

SESSION_ID: Final = "session_id"


def describe(world: World, truth: pa.Table) -> Described:
    """Return the description of the truth table, one column per hidden variable.

    Examples
    --------
    >>> null = kt.load_world("null")
    >>> {c.name: c.unit for c in describe(null, kt.simulate(null, 50, seed=1).truth).columns}["ability"]
    'SD'
    """
    known = variables(world.mechanisms)
    hidden = [_column(known[field.name], field.type) for field in truth.schema if field.name != SESSION_ID]
    meaning = (
        "True values of the same sessions, which no study observes. The table shares only session_id with `observed`."
    )
    columns = (observed_columns()[SESSION_ID], *hidden)
    return Described("truth", "one session of `observed`", meaning, columns, truth.num_rows)


def _column(variable: Variable, stored: pa.DataType) -> Column:
    return Column(variable.name, _kind(stored), variable.unit, variable.meaning, "truth", variable.categories)


def _kind(stored: pa.DataType) -> Kind:
    if pa.types.is_dictionary(stored):
        return "category"
    if pa.types.is_boolean(stored):
        return "flag"
    if pa.types.is_floating(stored):
        return "real"
    return {8: "level", 32: "count"}.get(stored.bit_width, "id")  # type: ignore[return-value]
