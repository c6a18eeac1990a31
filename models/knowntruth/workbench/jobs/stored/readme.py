"""The README's claims: the table between two markers, and the picture below it.

    <!-- claims: made by `knowntruth renew readme` -->
    | claim | unit | ...
    <!-- end of claims -->

Both come from the study of 40,000 sessions of `published`, which ``knowntruth study`` runs.
"""

from math import isnan
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError
from knowntruth.workbench.jobs.stored import fingerprints, repository
from knowntruth.workbench.jobs.stored.stored_result import Hash, StoredResult
from knowntruth.workbench.output.number_format import NO_VALUE, number

if TYPE_CHECKING:
    import pandas as pd

BEGIN: Final = "<!-- claims: made by `knowntruth renew readme` -->\n"
END: Final = "<!-- end of claims -->"

PICTURE: Final = repository.NOTEBOOKS / "pictures" / "claims.png"

DECIMALS: Final = {"ratio": 2, "percent per level": 1, "percentage points": 1, "probability per level": 4}
"""Decimals of a number and its standard error, by unit."""

HEAD: Final = "| claim | unit | published | seen | through perfect instruments | true |\n|---|---|--:|--:|--:|--:|\n"


def readme_result() -> StoredResult:
    """Return the row of the README's table and picture."""
    worlds = fingerprints.of_worlds(["published"])
    depends_on: dict[str, Hash] = {**worlds, "claims": fingerprints.claims, "table": _stored_table}
    return StoredResult("readme", "README.md", depends_on, 2, renew_readme)


def renew_readme() -> None:
    """Run the study, write its claims between the README's markers, and draw their picture."""
    from knowntruth.datasets.storage.files import write_bytes, write_text
    from knowntruth.workbench.jobs.study import run
    from knowntruth.workbench.jobs.study_steps import Plan
    from knowntruth.workbench.plots.gallery import SKETCHES, picture
    from knowntruth.world.definition.world import load

    results = run(Plan(load("published")))
    write_text(repository.README, with_table(repository.README.read_text(encoding="utf-8"), results.claims))
    sketch = next(each for each in SKETCHES if each.name == "claims")
    write_bytes(PICTURE, picture(sketch, results).png)


def with_table(text: str, claims: "pd.DataFrame") -> str:
    r"""Return ``text`` with the claims between its markers.

    Raises
    ------
    InputError
        If a marker is missing.

    Examples
    --------
    >>> row = {"claim": "More", "unit": "ratio", "published": 2.39, "seen": 2.261, "seen_error": 0.06,
    ...        "perfect": 2.5, "perfect_error": 0.05, "true": 2.64, "true_error": 0.001}
    >>> print(with_table(f"before\n{BEGIN}old\n{END}\nafter", pd.DataFrame([row])))
    before
    <!-- claims: made by `knowntruth renew readme` -->
    | claim | unit | published | seen | through perfect instruments | true |
    |---|---|--:|--:|--:|--:|
    | More | ratio | 2.39 | 2.26 ± 0.06 | 2.50 ± 0.05 | 2.64 ± 0.00 |
    <!-- end of claims -->
    after
    """
    before, _, after = _parts(text)
    return before + BEGIN + markdown(claims) + END + after


def markdown(claims: "pd.DataFrame") -> str:
    """Return the claims that have a true value as a table in Markdown, one row each."""
    rows: list[dict[Any, Any]] = claims[claims["true"].notna()].to_dict("records")
    return HEAD + "".join(f"| {' | '.join(_cells(row))} |\n" for row in rows)


def _cells(row: dict[Any, Any]) -> list[str]:
    shown = [_with_error(row[name], row[f"{name}_error"], row["unit"]) for name in ("seen", "perfect", "true")]
    return [row["claim"], row["unit"], number(row["published"]), *shown]


def _with_error(value: float, error: float, unit: str) -> str:
    if isnan(value):
        return NO_VALUE
    decimals = DECIMALS[unit]
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}".replace("-", "−")


def _parts(text: str) -> tuple[str, str, str]:
    before, begin, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"README.md needs the line {BEGIN.strip()!r} before its claims and {END!r} after them")
    return before, table, after


def _stored_table() -> str:
    """Return the hash of the table in the README, so that an edit by hand is seen."""
    return fingerprints.digest(_parts(repository.README.read_text(encoding="utf-8"))[1])
