"""All stored results: a new one is a row here, or in the module of its kind."""

from functools import cache

from knowntruth.workbench.jobs.stored.notebooks import notebook_results
from knowntruth.workbench.jobs.stored.packaged import packaged_results
from knowntruth.workbench.jobs.stored.readme import readme_result
from knowntruth.workbench.jobs.stored.stored_result import StoredResult


@cache
def stored_results() -> dict[str, StoredResult]:
    """Return every stored result by name, in the order in which they are renewed.

    Examples
    --------
    >>> list(stored_results())[:6]
    ['calibration', 'suite', 'scorecard', 'bounds', 'readme', 'survived']
    """
    rows = (*packaged_results(), readme_result(), *notebook_results())
    return {row.name: row for row in rows}
