"""Read a causal graph from GML, DOT, dagitty, JSON or networkx into one form.

Whatever the source, each node ends with ``observed`` (True unless the source hides it) and ``measures`` (the true
variable behind a label, or None). A variable is hidden if its source says one of

======= ===================================================================
GML     ``observed 0``
DOT     ``style=dashed``, or ``observed=0``
dagitty ``[latent]``; ``a <-> b`` makes a hidden common cause ``U_a_b``
JSON    ``"observed": false`` (node-link data, as `networkx` and D3 read it)
======= ===================================================================

The graph travels with a dataset as ``graph.json`` next to its tables, so that no analysis needs the world.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import networkx as nx

from knowntruth.causal.graphs.analysis_graph import check_graph, sort_graph
from knowntruth.causal.graphs.parse import parse_flag, parse_graph
from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.datasets.storage.files import GRAPH

HIDDEN_ATTRIBUTES: Final = ("latent", "hidden", "unobserved", "unmeasured")
"""Attributes any of which hides a node."""

EXTRA_ATTRIBUTES: Final = ("level", "meaning", "unit")
"""Further attributes that are kept."""


def read_graph(source: "nx.DiGraph[str] | Path | str") -> "nx.DiGraph[str]":
    """Return the causal graph of a networkx graph, a file, a folder of data, or a text, checked and in sorted order.

    Raises
    ------
    InputError
        If there is no such file, the text is broken, the graph is undirected or has a cycle, or a label measures
        what is not in the graph.

    Examples
    --------
    >>> graph = read_graph("dag { u [latent] u -> x u -> y x -> y }")
    >>> [name for name, seen in graph.nodes(data="observed") if not seen]
    ['u']
    """
    if isinstance(source, nx.Graph):
        return _normalize(source)
    if isinstance(source, str) and any(mark in source for mark in "{[\n"):
        return _from_text(source, "the graph")
    return _from_file(Path(source))


def read_graph_of_data(data: Path | str) -> "nx.DiGraph[str] | None":
    """Return the graph that travels with a dataset, or None where there is none."""
    path = Path(data)
    file = (path if path.is_dir() else path.parent) / GRAPH
    return read_graph(file) if file.is_file() else None


def _from_file(path: Path) -> "nx.DiGraph[str]":
    path = path / GRAPH if path.is_dir() else path
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        near = nearest(path.name, [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else [])
        raise InputError(f"no such graph: {path}; give a file in GML, DOT, dagitty or JSON{near}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the graph {path}: {error}; give a text file in UTF-8") from None
    try:
        return _from_text(text, str(path))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _from_text(text: str, where: str) -> "nx.DiGraph[str]":
    start = text.lstrip().lower()
    for begins, reader in _READERS.items():
        if start.startswith(begins):
            return _normalize(reader(text))
    raise InputError(
        f"{where} is of no known language: it begins {text.strip()[:20]!r}; allowed: GML ('graph ['), DOT "
        "('digraph {'), dagitty ('dag {'), JSON ('{\"nodes\": ...')"
    )


def _gml(text: str) -> "nx.Graph[str]":
    try:
        return nx.parse_gml(text)
    except nx.NetworkXError as error:
        raise InputError(f"broken GML: {error}; correct it") from None


def _text_graph(text: str) -> "nx.Graph[str]":
    parsed = parse_graph(text)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(parsed.nodes.items())
    graph.add_edges_from(parsed.arrows)
    for one, other in parsed.confounded:
        cause = f"U_{'_'.join(sorted((one, other)))}"
        graph.add_node(cause, observed=False)
        graph.add_edges_from([(cause, one), (cause, other)])
    return graph


def _json(text: str) -> "nx.Graph[str]":
    try:
        data = json.loads(text)
        edges = "edges" if "edges" in data else "links"
        return nx.node_link_graph({"directed": True, "multigraph": False, **data}, edges=edges)
    except (ValueError, KeyError, TypeError, AttributeError, nx.NetworkXError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise InputError(f"broken node-link JSON: {reason}; it needs 'nodes' (each with 'id') and 'edges'") from None


_READERS: Final[Mapping[str, Callable[[str], "nx.Graph[str]"]]] = {
    "{": _json, "dag": _text_graph, "digraph": _text_graph, "strict": _text_graph, "graph {": _text_graph,
    "mag": _text_graph, "pdag": _text_graph, "pag": _text_graph,
    "graph": _gml, "creator": _gml, "version": _gml, "#": _gml,
}  # fmt: skip
"""The reader for each beginning of a text; the first match is used."""


def _normalize(source: "nx.Graph[Any]") -> "nx.DiGraph[str]":
    """Return the graph with names as text, each arrow once, and only the attributes used here."""
    if not source.is_directed():
        raise InputError("the graph is undirected, so it does not say what is a cause; give a directed one")
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, data in source.nodes(data=True):
        kept = {key: data[key] for key in EXTRA_ATTRIBUTES if data.get(key)}
        graph.add_node(str(name), observed=_observed(data), measures=data.get("measures") or None, **kept)
    graph.add_edges_from((str(cause), str(effect)) for cause, effect in source.edges())
    for name in sorted(graph):
        true = graph.nodes[name]["measures"]
        if true and true not in graph:
            near = nearest(true, graph)
            raise InputError(
                f"graph node {name!r} measures {true!r}, which is not in the graph{near}; add or correct it"
            )
    if not len(graph):
        raise InputError("the graph has no nodes; draw treatment, outcome and what moves them")
    check_graph(graph)
    return sort_graph(graph)


def _observed(data: Mapping[str, Any]) -> bool:
    flag = parse_flag(data, "observed")
    if flag is not None:
        return flag
    return not ("dashed" in str(data.get("style", "")) or any(parse_flag(data, name) for name in HIDDEN_ATTRIBUTES))
