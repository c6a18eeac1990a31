"""Graphs as files: what is written can be read back, and the picture shows what the graph says."""

import json
import re
import subprocess
import sys
from functools import cache
from xml.etree import ElementTree

import networkx as nx
import pytest

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import load
from knowntruth.world.graphs.derive import acting_graph, graph
from knowntruth.world.graphs.drawing import svg
from knowntruth.world.graphs.files import FORMATS, dagitty, dot, gml, node_link, write
from knowntruth.world.graphs.layout import COURSE, COURSE_MEMBERS, MAIN, ROWS, main_graph, places

QUOTED = r'"((?:[^"\\]|\\.)*)"'


@cache
def acting(name="published"):
    return acting_graph(load(name))


@pytest.fixture(params=["main", "all"])
def shown(request):
    return main_graph(acting()) if request.param == "main" else acting()


def read_dot(text):
    """A reader of the part of DOT that is written: quoted names, one statement a line."""

    def plain(quoted):
        return re.sub(r"\\(.)", r"\1", quoted)

    found = nx.DiGraph()
    for line in text.splitlines():
        if arrow := re.fullmatch(rf"  {QUOTED} -> {QUOTED};", line):
            found.add_edge(plain(arrow[1]), plain(arrow[2]))
        elif node := re.fullmatch(rf"  {QUOTED}(?: \[(.*)\])?;", line):
            said = {key: plain(value) for key, value in re.findall(rf"(\w+)={QUOTED}", node[2] or "")}
            found.add_node(plain(node[1]), **said)
    return found


def test_dot_comes_back(shown):
    back = read_dot(dot(shown))
    assert set(back) == set(shown)
    assert set(back.edges) == set(shown.edges)
    assert {n for n in back if back.nodes[n].get("style") == "dashed"} == hidden(shown)
    assert all(back.nodes[n]["tooltip"] == shown.nodes[n]["meaning"] for n in shown)


def test_dot_keeps_quotes_and_backslashes():
    odd = nx.DiGraph([('say "a"', "back\\slash")])
    odd.nodes['say "a"']["meaning"] = 'a "quoted" \\ word'
    back = read_dot(dot(odd))
    assert set(back.edges) == set(odd.edges)
    assert back.nodes['say "a"']["tooltip"] == 'a "quoted" \\ word'


def hidden(drawn):
    return {name for name, seen in drawn.nodes(data="observed") if not seen}


def attributes(drawn):
    return {name: {k: v for k, v in node.items() if v is not None} for name, node in drawn.nodes(data=True)}


def test_gml_comes_back(shown):
    back = nx.parse_gml(gml(shown))
    assert set(back.edges) == set(shown.edges)
    assert attributes(back) == attributes(shown)  # 1 and 0 equal True and False


def test_json_comes_back(shown):
    back = nx.node_link_graph(json.loads(node_link(shown)), edges="edges")
    assert set(back.edges) == set(shown.edges)
    assert attributes(back) == attributes(shown)


def test_dagitty_marks_latents_and_places_everyone(shown):
    text = dagitty(shown, exposure="rated_expertise", outcome="verified_success")
    nodes = dict(re.findall(r"^(\w+) \[(.*)\]$", text, flags=re.M))
    assert set(nodes) == set(shown)
    assert {name for name, said in nodes.items() if "latent" in said} == hidden(shown)
    assert nodes["rated_expertise"].startswith("exposure,pos=")
    assert nodes["verified_success"].startswith("outcome,pos=")
    assert set(re.findall(r"^(\w+) -> (\w+)$", text, flags=re.M)) == set(shown.edges)
    spots = [tuple(map(float, re.search(r'pos="(.*),(.*)"', said).groups())) for said in nodes.values()]
    assert len(set(spots)) == len(spots)


def test_dagitty_refuses_a_stranger(shown):
    with pytest.raises(InputError, match="exposure='fame' is not in the graph; its variables are ab"):
        dagitty(shown, exposure="fame")


def test_layers_run_from_causes_to_effects():
    where = places(acting())
    assert all(where[cause][0] < where[effect][0] for cause, effect in acting().edges)


def drawn_text(picture):
    root = ElementTree.fromstring(picture)
    return [" ".join("".join(t.itertext()).split()) for t in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_names_every_variable(shown):
    words = " ".join(drawn_text(svg(shown)))
    assert all(part in words for name in shown for part in name.split("_"))
    assert "hidden from the study" in words


def test_hidden_variables_and_stories_are_drawn_differently():
    seen = nx.DiGraph([("ability", "b"), ("b", "c")])
    nx.set_node_attributes(seen, values=True, name="observed")
    unseen = nx.DiGraph(seen)
    unseen.nodes["b"]["observed"] = False
    dashes = [svg(g).count("stroke-dasharray") for g in (seen, unseen)]
    assert dashes[1] == dashes[0] + 1
    assert "#8a5aa5" in svg(seen)
    assert "#8a5aa5" not in svg(nx.DiGraph([("a", "b")]))


def test_worlds_look_different():
    arrows = {name: set(main_graph(acting(name)).edges) for name in ("published", "null", "mediation")}
    assert ("domain_expertise", "difficulty") in arrows["published"] & arrows["mediation"]
    assert not any(cause == "domain_expertise" and effect != "rated_expertise" for cause, effect in arrows["null"])


def test_all_formats_are_written_and_the_same_in_another_process(tmp_path):
    paths = write(main_graph(acting()), tmp_path / "here")
    assert [p.name for p in paths] == [f"graph.{ending}" for ending in FORMATS]
    code = (
        "import sys; from knowntruth.world.graphs import derive, files, layout\n"
        "from knowntruth.world.definition import world\n"
        "g = layout.main_graph(derive.acting_graph(world.load('published')))\n"
        "files.write(g, sys.argv[1])\n"
    )
    there = tmp_path / "there"
    subprocess.run([sys.executable, "-c", code, str(there)], check=True, timeout=120)
    assert all(p.read_bytes() == (there / p.name).read_bytes() for p in paths)


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write(main_graph(acting()), tmp_path / "file")


def test_main_arrows_are_paths_of_the_world_and_point_down():
    main, whole = main_graph(acting()), acting()
    depth = {name: row for row, names in enumerate(ROWS) for name, _ in names}
    members = {COURSE: set(COURSE_MEMBERS)}
    assert set(main) == set(MAIN)  # nothing that is placed is missing from the world
    assert set(COURSE_MEMBERS) <= set(whole)
    assert nx.is_directed_acyclic_graph(main)
    for start, end in main.edges:
        starts, ends = members.get(start, {start}), members.get(end, {end})
        assert any(nx.has_path(whole, s, e) for s in starts for e in ends)
        same_row = depth[start] == depth[end]
        assert depth[start] < depth[end] or (same_row and (start, end) == ("occupation", "coding_expertise"))


def test_the_argument_of_the_study_is_in_the_main_view():
    arrows = set(main_graph(acting()).edges)
    assert ("domain_expertise", "rated_expertise") in arrows
    assert (COURSE, "rated_expertise") in arrows  # halo and cues: the rating reads how the session went
    assert ("ability", "difficulty") in arrows


def test_an_arrow_cut_in_the_world_is_gone_from_the_main_view():
    cut = main_graph(graph(load("published").do(domain_expertise=5)))
    assert not cut.in_degree("domain_expertise")
