"""The content of a dataset of the suite, and a hash of it that is the same on any machine.

The hash covers names, types, missing rows and values, not files, so it does not depend on the release of the Parquet
library. Numbers enter with six significant digits: on another processor the last digit of an exponential or a
logarithm may differ (tests/benchmarks/same_hash.py), and such a difference changes the sixth digit with a probability
of about 1e-10.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from knowntruth.design.sources.extra_columns import EXTRA_COLUMNS
from knowntruth.design.sources.world_source import world_source
from knowntruth.design.suite.entries import Entry
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pyarrow as pa

    from knowntruth.design.sources.source import ReplicateData

DIGITS: Final = 6
HASH_DIGITS: Final = 16


def draw_entry(entry: Entry) -> "ReplicateData":
    """Return one dataset, with all extra columns and a validation sample, as every strategy needs.

    Examples
    --------
    >>> found = draw_entry(Entry("null", 1000, 1, 200))
    >>> len(found.observed), len(found.validation)
    (1000, 200)
    """
    source = world_source(load(entry.world), entry.sessions, audited=entry.audited, columns=tuple(EXTRA_COLUMNS))
    return source.draw(entry.seed)


def tables(found: "ReplicateData") -> "dict[str, pa.Table]":
    """Return the tables of a dataset: observed, extra_columns, validation, truth; all share ``session_id``."""
    import pyarrow as pa

    assert found.dataset is not None  # a world always brings its truth
    extra = found.observed[["session_id", *EXTRA_COLUMNS]]
    return {
        "observed": found.dataset.observed,
        "extra_columns": pa.Table.from_pandas(extra, preserve_index=False).replace_schema_metadata(None),
        "validation": pa.Table.from_pandas(found.validation, preserve_index=False).replace_schema_metadata(None),
        "truth": found.dataset.truth,
    }


def hash_tables(made: "Mapping[str, pa.Table]") -> dict[str, str]:
    """Return one hash per table."""
    return {name: content_hash(table) for name, table in made.items()}


def content_hash(table: "pa.Table") -> str:
    """Return a hash of the content of a table, as hexadecimal digits.

    Examples
    --------
    >>> import pyarrow as pa
    >>> one, same, other = (pa.table({"x": [x]}) for x in (1.0, 1.0 + 1e-12, 1.1))
    >>> content_hash(one) == content_hash(same), content_hash(one) == content_hash(other)
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
