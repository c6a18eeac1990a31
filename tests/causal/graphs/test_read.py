"""Graphs from text and files: one graph in every language, and what is wrong said by name."""

import json

import networkx as nx
import pytest

from knowntruth.causal.graphs.analysis_graph import check_columns
from knowntruth.causal.graphs.read import read_graph, read_graph_of_data
from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.files import GRAPH

TEXTS = {
    "dagitty": 'dag { x [exposure,pos="0.1,-2"] y [outcome] u [latent] x -> m -> y u -> x u -> y }',
    "dagitty, groups and turned arrows": "dag{ bb=\"0,0,1,1\"\n m <- x; y <- m; u [unobserved]; u -> {x y} }",
    "DOT": 'digraph "g" { rankdir=LR; node [shape=box]; u [style=dashed]; "x" -> "m" -> y [color=red]; u -> {x; y} }',
    "DOT, observed": "strict digraph {\n// why\nu [observed=0]; x->m; m:n->y; subgraph s { u -> x } u->y /* end */ }",
    "GML": """graph [
        directed 1
        node [ id 0 label "x" observed 1 ] node [ id 1 label "m" observed 1 ] node [ id 2 label "y" observed 1 ]
        node [ id 3 label "u" observed 0 ]
        edge [ source 0 target 1 ] edge [ source 1 target 2 ]
        edge [ source 3 target 0 ] edge [ source 3 target 2 ] ]""",
    "JSON": json.dumps({
        "nodes": [{"id": "x"}, {"id": "m"}, {"id": "y"}, {"id": "u", "observed": False}],
        "edges": [{"source": s, "target": t} for s, t in ("xm", "my", "ux", "uy")]}),
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("from_file", [True, False])
def test_every_language_gives_the_same_graph(language, from_file, tmp_path):
    source = TEXTS[language]
    if from_file:
        source = tmp_path / "graph.txt"
        source.write_text(TEXTS[language])
    graph = read_graph(source)
    assert list(graph.edges) == [("m", "y"), ("u", "x"), ("u", "y"), ("x", "m")]
    assert dict(graph.nodes(data="observed")) == {"m": True, "u": False, "x": True, "y": True}


def test_a_networkx_graph_is_taken_and_left_alone():
    given = nx.MultiDiGraph([("b", "a"), ("b", "a"), (1, "a")])
    graph = read_graph(given)
    assert list(graph.edges) == [("1", "a"), ("b", "a")]
    assert "observed" not in given.nodes["a"]


def test_a_double_arrow_is_a_hidden_common_cause():
    graph = read_graph("dag { x -> y; x <-> y }")
    assert set(graph.edges) == {("x", "y"), ("U_x_y", "x"), ("U_x_y", "y")}
    assert graph.nodes["U_x_y"]["observed"] is False


WRONG = [
    ("dag { x -> y; y -> z; z -> x }", "cycle: x -> y -> z -> x"),
    ("dag { x -- y }", "line 1 of the graph: '--' does not say which is the cause"),
    ("dag {\n x -> ; }", "line 2 of the graph: expected the name of a variable, found ';'"),
    ("dag { x -> y", "ends where '}' is expected"),
    ("dag { x -> y } z", "expected the end of the text, found 'z'"),
    ("dag { x ? y }", "'[?]' is not part of DOT or dagitty"),
    ("graph { x -- y }", "need not be causes"),
    ("pdag { x -- y }", "need not be causes"),
    ("dag { }", "has no nodes"),
    ("dag { x [observed=maybe] x -> y }", "observed='maybe' is neither yes nor no"),
    ("graph [ directed 0 node [ id 0 label \"x\" ] ]", "undirected"),
    ("graph [ node [ id 0 ", "broken GML"),
    ('{"nodes": [', "broken node-link JSON"),
    ('{"edges": []}', "no 'nodes'"),
    ("tree { x }", "of no known language: it begins 'tree { x }'"),
    ('{"nodes": [{"id": "rated", "measures": "expertis"}, {"id": "expertise"}], "edges": []}',
     "'rated' measures 'expertis', which is not in the graph; did you mean 'expertise'?"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_wrong_is_said(text, says):
    with pytest.raises(InputError, match=says):
        read_graph(text)


def test_files_that_are_not_there_name_the_nearest(tmp_path):
    (tmp_path / "graph.dot").write_text("digraph { a -> b }")
    with pytest.raises(InputError, match=r"did you mean 'graph\.dot'"):
        read_graph(tmp_path / "grap.dot")
    (tmp_path / "broken.txt").write_text("dag { a -> }")
    with pytest.raises(InputError, match=r"broken\.txt: line 1"):
        read_graph(tmp_path / "broken.txt")
    (tmp_path / "binary").write_bytes(b"\xff\xfe{\x00")
    with pytest.raises(InputError, match="give a text file"):
        read_graph(tmp_path / "binary")


def test_the_graph_beside_the_data(tmp_path):
    assert read_graph_of_data(tmp_path) is None
    (tmp_path / GRAPH).write_text(TEXTS["JSON"])
    assert (
        list(read_graph_of_data(tmp_path))
        == list(read_graph_of_data(tmp_path / "observed.parquet"))
        == ["m", "u", "x", "y"]
    )


def test_unknown_columns_name_the_nearest():
    with pytest.raises(InputError, match=r"'mnth' is marked observed.*did you mean 'month'"):
        check_columns(["mnth"], ["month", "mode"])
