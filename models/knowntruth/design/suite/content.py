"""What a dataset of the suite holds, and a hash of it that is the same on any machine.

Hashed are names, types, missing rows and values, not files, so that a new release of a library that writes Parquet
changes nothing. Numbers enter with six significant digits: on another processor the last one of an exponential or a
logarithm may differ (tests/benchmarks/same_hash.py), and a number falls on two sides of the sixth with a chance of
about 1e-10.
"""

import hashlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.design.sources.extra_columns import EXTRA_COLUMNS
from knowntruth.design.sources.world_source import world_source
from knowntruth.design.suite.entries import Entry
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pyarrow as pa

    from knowntruth.design.sources.source import Drawn

DIGITS: Final = 6
HASH_DIGITS: Final = 16


def sample_of(entry: Entry) -> "Drawn":
    """Return one dataset, with the columns and the validation sample of a study that is equipped for every strategy.

    Examples
    --------
    >>> found = sample_of(Entry("null", 1000, 1, 200))
    >>> len(found.observed), len(found.validation)
    (1000, 200)
    """
    source = world_source(load(entry.world), entry.sessions, audited=entry.audited, columns=tuple(EXTRA_COLUMNS))
    return source.draw(entry.seed)


def tables(found: "Drawn") -> "dict[str, pa.Table]":
    """Return the tables of a dataset: observed, equipment, validation, truth; all share ``session_id``."""
    import pyarrow as pa

    assert found.dataset is not None  # a world always brings its truth
    equipment = found.observed[["session_id", *EXTRA_COLUMNS]]
    return {
        "observed": found.dataset.observed,
        "equipment": pa.Table.from_pandas(equipment, preserve_index=False).replace_schema_metadata(None),
        "validation": pa.Table.from_pandas(found.validation, preserve_index=False).replace_schema_metadata(None),
        "truth": found.dataset.truth,
    }


def hashed(table: "pa.Table") -> str:
    """Return a hash of the content of a table, as hexadecimal digits.

    Examples
    --------
    >>> import pyarrow as pa
    >>> one, same, other = (pa.table({"x": [x]}) for x in (1.0, 1.0 + 1e-12, 1.1))
    >>> hashed(one) == hashed(same), hashed(one) == hashed(other)
    (True, False)
    """
    total = hashlib.sha256(str(table.num_rows).encode())
    for field, column in zip(table.schema, table.columns, strict=True):
        total.update(_column(field, column.combine_chunks()))
    return total.hexdigest()[:HASH_DIGITS]


def _column(field: "pa.Field", column: Any) -> bytes:
    import pyarrow as pa

    categories: list[str] = []
    if pa.types.is_dictionary(field.type):
        column, categories = column.indices, column.dictionary.to_pylist()
    missing = column.is_null().to_numpy(zero_copy_only=False)
    values = column.to_numpy(zero_copy_only=False)
    if pa.types.is_floating(column.type):
        missing = missing | np.isnan(values)
        shown = [b"" if gone else b"%.*g" % (DIGITS, v + 0.0) for gone, v in zip(missing, values, strict=True)]
        content = b",".join(shown)
    else:
        content = np.where(missing, 0, values).astype(np.int64).tobytes()
    about = repr((field.name, str(column.type), categories)).encode()
    return hashlib.sha256(about + np.packbits(missing).tobytes() + content).digest()
