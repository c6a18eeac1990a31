"""The job of ``knowntruth ledger``: decompose a published contrast into its biases and the true effect.

Files
================ ===========================================================================================
ledger.csv       each component: what it adds, by itself, and after all others, with Monte Carlo errors
ledger.png       the same as a waterfall
================ ===========================================================================================
"""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from knowntruth.datasets.storage.files import output_folder, write_bytes, write_csv
from knowntruth.design.ledger.decompose import Ledger
from knowntruth.design.ledger.decompose import ledger as decompose_world
from knowntruth.workbench.output.number_format import NO_VALUE, number, with_error
from knowntruth.workbench.results import manifest
from knowntruth.workbench.results.study_results import size_and_users
from knowntruth.workbench.terminal.progress import Steps
from knowntruth.world.definition.world import load

if TYPE_CHECKING:
    import pandas as pd


def decompose(world: str, sessions: int | None, *, seed: int, out: Path | None) -> Ledger:
    """Decompose a world's contrasts; with ``out`` write table and picture; None sessions: the published size."""
    loaded = load(world)
    size, users = size_and_users(sessions)
    with Steps({"ledger": 1}) as steps, steps.step("ledger", f"Decomposing the contrasts of {world}") as advance:
        if out is None:
            return decompose_world(loaded, size, seed=seed, users=users, progress=advance)
        with output_folder(out, "ledger", manifest.head(loaded, size, users, seed)) as folder:
            result = decompose_world(loaded, size, seed=seed, users=users, progress=advance)
            _write(result, folder)
    return result


def summary_table(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Return the ledger of one quantity for people: each amount with its Monte Carlo error."""
    import pandas as pd

    def column(value: str, error: str) -> list[str]:
        return [_amount(v, e) for v, e in zip(rows[value], rows[error], strict=True)]

    amounts = {
        "adds": column("value", "mcse"),
        "alone": column("alone", "alone_mcse"),
        "last": column("last", "last_mcse"),
    }
    return pd.DataFrame({"component": rows["component"].to_numpy(), **amounts})


def _amount(value: float, error: float) -> str:
    if isnan(value):
        return NO_VALUE
    return with_error(value, error) if error > 0 else number(value)


def _write(result: Ledger, folder: Path) -> None:
    from knowntruth.workbench.plots.design import waterfall

    write_csv(folder / "ledger.csv", result.table)
    write_bytes(folder / "ledger.png", waterfall.png(result))
