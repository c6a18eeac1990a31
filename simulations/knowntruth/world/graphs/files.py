"""A world's causal graph as text that other tools read: DOT, GML, dagitty, JSON, and a picture as SVG.

======= ===========================================================================================
DOT     Graphviz; hidden variables are dashed
GML     networkx, igraph, Gephi, Cytoscape
dagitty http://dagitty.net and its R package; hidden variables are latent, each has its position
JSON    node-link data, as networkx and D3 read it
SVG     a picture, see `drawing`
======= ===========================================================================================

All are functions of the graph alone: the same graph gives the same text. Dagitty computes adjustment sets and implied
independencies.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import networkx as nx

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import write_text
from knowntruth.world.graphs.drawing import svg
from knowntruth.world.graphs.layout import places


def dot(graph: "nx.DiGraph[str]") -> str:
    """Return the graph in Graphviz' DOT language.

    Examples
    --------
    >>> print(dot(nx.DiGraph([("a", "b")])))
    digraph {
      rankdir=LR;
      node [shape=box];
      "a";
      "b";
      "a" -> "b";
    }
    <BLANKLINE>
    """
    nodes = [f"  {_quoted(name)}{_dot_attributes(graph.nodes[name])};" for name in sorted(graph)]
    arrows = [f"  {_quoted(cause)} -> {_quoted(effect)};" for cause, effect in sorted(graph.edges)]
    return "\n".join(["digraph {", "  rankdir=LR;", "  node [shape=box];", *nodes, *arrows, "}"]) + "\n"


def gml(graph: "nx.DiGraph[str]") -> str:
    """Return the graph in the Graph Modelling Language; flags are 1 and 0, unknown attributes are left out."""
    plain = _plain(graph)
    for name in plain:
        flags = {key: int(value) for key, value in plain.nodes[name].items() if isinstance(value, bool)}
        plain.nodes[name].update(flags)
    return "\n".join(nx.generate_gml(plain)) + "\n"


def node_link(graph: "nx.DiGraph[str]") -> str:
    """Return the graph as JSON with the keys ``nodes`` (each with ``id``) and ``edges``."""
    data = nx.node_link_data(_plain(graph), edges="edges")
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def dagitty(graph: "nx.DiGraph[str]", exposure: str | None = None, outcome: str | None = None) -> str:
    """Return the graph as dagitty reads it, hidden variables marked latent, each with its position.

    Raises
    ------
    InputError
        If the exposure or the outcome is not a variable of the graph.

    Examples
    --------
    >>> print(dagitty(nx.DiGraph([("a", "b")]), exposure="a"))
    dag {
    a [exposure,pos="0.000,0.000"]
    b [pos="1.000,0.000"]
    a -> b
    }
    <BLANKLINE>
    """
    roles = {"exposure": exposure, "outcome": outcome}
    for role, name in roles.items():
        if name is not None and name not in graph:
            raise InputError(f"{role}={name!r} is not in the graph; its variables are {', '.join(sorted(graph))}")
    where = places(graph)
    nodes = []
    for name in sorted(graph):
        marks = [role for role, wanted in roles.items() if wanted == name]
        marks += [] if graph.nodes[name].get("observed", True) else ["latent"]
        across, down = where[name]
        nodes.append(f"{name} [{','.join([*marks, f'pos="{across:.3f},{down:.3f}"'])}]")
    arrows = [f"{cause} -> {effect}" for cause, effect in sorted(graph.edges)]
    return "\n".join(["dag {", *nodes, *arrows, "}"]) + "\n"


FORMATS: Final[Mapping[str, Callable[["nx.DiGraph[str]"], str]]] = {
    "svg": svg, "dot": dot, "gml": gml, "dagitty.txt": dagitty, "json": node_link,
}  # fmt: skip
"""Each format by the ending of its file."""


def write(graph: "nx.DiGraph[str]", folder: Path | str, name: str = "graph") -> list[Path]:
    """Write the graph into ``folder`` in every format, each file atomically; return their paths.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    paths = []
    for ending, text in FORMATS.items():
        path = Path(folder) / f"{name}.{ending}"
        write_text(path, text(graph))
        paths.append(path)
    return paths


def _plain(graph: "nx.DiGraph[str]") -> "nx.DiGraph[str]":
    """Return a copy with nodes, arrows and attributes in order; unknown attributes are left out."""
    plain: nx.DiGraph[str] = nx.DiGraph()
    for name in sorted(graph):
        plain.add_node(name, **{key: v for key, v in sorted(graph.nodes[name].items()) if v is not None})
    plain.add_edges_from(sorted(graph.edges))
    return plain


def _dot_attributes(node: Mapping[str, Any]) -> str:
    attributes = {key: str(node[key]) for key in ("level", "measures", "unit") if node.get(key)}
    if node.get("meaning"):
        attributes["tooltip"] = node["meaning"]
    if not node.get("observed", True):
        attributes["style"] = "dashed"
    inner = ", ".join(f"{key}={_quoted(value)}" for key, value in attributes.items())
    return f" [{inner}]" if inner else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
