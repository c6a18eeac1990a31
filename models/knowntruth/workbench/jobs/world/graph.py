"""The job of ``knowntruth graph``: a world's causal graph as a table, or as files for other tools."""

from pathlib import Path
from typing import TYPE_CHECKING

from knowntruth.datasets.storage.files import output_folder
from knowntruth.workbench.results import manifest
from knowntruth.world.definition.world import load
from knowntruth.world.graphs import derive, files, layout

if TYPE_CHECKING:
    import pandas as pd


def variable_table(world: str) -> "pd.DataFrame":
    """Return one row per variable: its level, whether the study observes it, its parents, and its meaning."""
    import pandas as pd

    graph = derive.graph(load(world))
    rows = [
        (name, node["level"], bool(node["observed"]), ", ".join(sorted(graph.predecessors(name))), node["meaning"])
        for name, node in graph.nodes(data=True)
    ]
    return pd.DataFrame(rows, columns=["variable", "level", "observed", "parents", "meaning"])


def write_graph(world: str, out: Path, *, everything: bool) -> None:
    """Write the arrows that have an effect in a world as a picture and text: main variables, or all of them."""
    loaded = load(world)
    acting = derive.acting_graph(loaded)
    head = {"world": loaded.name, "all": everything, "versions": manifest.versions()}
    with output_folder(out, "graph", head) as folder:
        files.write(acting if everything else layout.main_graph(acting), folder)
