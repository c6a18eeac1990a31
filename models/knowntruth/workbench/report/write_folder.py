"""The folder of results: which file holds what.

==================== =======================================================================================
report.html          everything on one page
observed.parquet     the sessions as the study observes them
truth.parquet        true values of the same sessions; only ``session_id`` is in both tables
graph.json           the causal graph of the world, as node-link data
posterior.nc         both Bayesian models (ArviZ: ``xarray.open_datatree``)
claims.csv           each main claim: published, seen, through perfect instruments, true
checks.csv           the causal checks
tables/*.csv         the study's tables from these sessions; ``comparison`` with the published figures;
                     ``effects`` of the models and true ones; ``truth`` and ``dose_response`` of the world;
                     ``residual_confounding``: remaining bias, and the strength of the hidden causes;
                     ``instruments``: agreement with telemetry, with a second reading, and the price holdout;
                     ``exclusions``: the sessions that each rule leaves out
figures/*.png        the pictures of the report
manifest.json        the world with every dial, seed, versions, and the hash of each file
==================== =======================================================================================
"""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowntruth.datasets.storage import files
from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import report
from knowntruth.workbench.results.study_results import Results
from knowntruth.world.graphs import files as graph_files

if TYPE_CHECKING:
    import pandas as pd


def write(results: Results, folder: Path) -> None:
    """Write every result into ``folder``, each file completely or not at all."""
    files.write_parquet(folder / "observed.parquet", results.observed)
    files.write_parquet(folder / "truth.parquet", results.truth)
    files.write_text(folder / files.GRAPH, graph_files.node_link(results.graph))
    write_posterior(folder / "posterior.nc", results.bayes.posterior)
    files.write_csv(folder / "claims.csv", results.claims)
    files.write_csv(folder / "checks.csv", results.checks)
    for name, table in _tables(results):
        files.write_csv(folder / "tables" / f"{name}.csv", table)
    pictures = gallery.draw(results)
    for picture in chain.from_iterable(pictures.values()):
        files.write_bytes(folder / "figures" / f"{picture.name}.png", picture.png)
    files.write_text(folder / "report.html", report.page(results, pictures))


def _tables(results: Results) -> "Iterable[tuple[str, pd.DataFrame]]":
    yield from results.tables.items()
    yield "comparison", results.comparison
    yield "truth", results.effects_true
    yield "dose_response", results.dose
    yield "effects", results.bayes.effects
    yield "diagnostics", results.bayes.diagnostics
    yield "predictive", results.bayes.predictive
    yield "instruments", results.instruments
    yield "exclusions", results.exclusions
    if results.residual.known is not None:
        yield "residual_confounding", results.residual.known


def write_posterior(path: Path, tree: Any) -> None:
    """Write the draws as NetCDF; the same draws give the same bytes."""
    with files.write_atomically(path) as part:
        tree.to_netcdf(part, engine="h5netcdf")
