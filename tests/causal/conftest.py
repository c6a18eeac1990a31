"""Small graphs in one line, and sessions whose effects are known because they were put there."""

import itertools
from collections.abc import Callable, Iterable

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from knowntruth.causal.estimation.partial_out import PartialledOut
from knowntruth.datasets.schema.categories import MODES, MONTHS, OCCUPATIONS, UNCLEAR, VALUE_BANDS

Graph = nx.DiGraph
GraphOf = Callable[..., Graph]
Sessions = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def graph_of() -> GraphOf:
    """``graph_of("x>y u>x u>y", hidden="u", measures={"label": "true"})``."""

    def build(arrows: str, hidden: Iterable[str] = (), measures: dict[str, str] | None = None) -> Graph:
        graph: Graph = nx.DiGraph()
        for arrow in arrows.split():
            graph.add_edge(*arrow.split(">"))
        for node in graph:
            graph.nodes[node]["observed"] = node not in set(hidden)
            graph.nodes[node]["measures"] = (measures or {}).get(node)
        return graph

    return build


@pytest.fixture(scope="session")
def random_graphs() -> Callable[..., list[Graph]]:
    """``random_graphs(rng, 20, nodes=6)``: small graphs with hidden nodes in which x can move y, both observed."""

    def one(rng, nodes: int = 6, density: float = 0.4, seen: float = 0.7, arrow: float = 0.5) -> Graph:
        names = [f"n{i}" for i in range(nodes)]
        names[rng.integers(0, nodes - 1)], names[-1] = "x", "y"
        graph: Graph = nx.DiGraph()
        graph.add_nodes_from(sorted(names))
        graph.add_edges_from(pair for pair in itertools.combinations(names, 2) if rng.random() < density)
        if rng.random() < arrow:
            graph.add_edge("x", "y")
        for name in sorted(names):
            graph.nodes[name]["observed"] = bool(name in ("x", "y") or rng.random() < seen)
        return graph

    def build(rng, number: int, **options) -> list[Graph]:
        made: list[Graph] = []
        while len(made) < number:
            graph = one(rng, **options)
            made += [graph] if nx.has_path(graph, "x", "y") else []
        return made

    return build


STUDY = """month>intended_mode occupation>intended_mode occupation>domain_expertise occupation>user_occupation
    domain_expertise>difficulty difficulty>true_value intended_mode>difficulty intended_mode>mode
    domain_expertise>actions_per_prompt month>actions_per_prompt occupation>actions_per_prompt
    intended_mode>actions_per_prompt difficulty>actions_per_prompt difficulty>verified_success_true
    domain_expertise>verified_success_true intended_mode>verified_success_true occupation>verified_success_true
    domain_expertise>rated_expertise true_value>value_band verified_success_true>verified_success
    occupation>task_occupation clear_goal>actions_per_prompt"""
MEASURES = {
    "rated_expertise": "domain_expertise",
    "user_occupation": "occupation",
    "mode": "intended_mode",
    "value_band": "true_value",
    "verified_success": "verified_success_true",
}
HIDDEN = (*MEASURES.values(), "difficulty", "ability")
ABILITY = " ability>domain_expertise ability>actions_per_prompt ability>verified_success_true"


@pytest.fixture(scope="session")
def study_graph(graph_of: GraphOf) -> Callable[..., Graph]:
    """A small graph shaped like the study's: ``study_graph(ability=True, more="a>b")``."""

    def build(ability: bool = False, more: str = "") -> Graph:
        return graph_of(f"{STUDY} {ABILITY if ability else ''} {more}", HIDDEN, MEASURES)

    return build


@pytest.fixture(scope="session")
def sessions() -> Sessions:
    """Sessions with a known effect per level on log actions (``activity``) and on verified success (``verified``).

    Occupation moves rating and outcomes and is observed. ``hidden`` is what a standard deviation of ability,
    which no column shows, adds to expertise; ``on_outcome`` what it adds to log actions.
    """

    def build(
        n: int = 4000,
        seed: int = 1,
        activity: float = 0.09,
        verified: float = 0.04,
        hidden: float = 0.0,
        on_outcome: float = 0.0,
    ) -> pd.DataFrame:
        rng = np.random.default_rng(seed)
        month, occupation, mode = rng.integers(0, 7, n), rng.integers(0, 24, n), rng.integers(0, 9, n)
        ability, trade = rng.normal(size=n), occupation % 3 - 1.0
        level = np.clip(np.round(3.2 + 0.4 * trade + hidden * ability + rng.normal(size=n)), 1, 5)
        actions = 1.5 + activity * level + 0.05 * month + 0.3 * trade + 0.1 * mode + on_outcome * ability
        chance = 0.15 + verified * level + 0.05 * trade
        return pd.DataFrame(
            {
                "user_id": rng.integers(0, max(n // 2, 1), n),
                "month": pd.Categorical.from_codes(month, list(MONTHS)),
                "user_occupation": pd.Categorical.from_codes(occupation, [*OCCUPATIONS, UNCLEAR]),
                "task_occupation": pd.Categorical.from_codes(rng.integers(0, 23, n), list(OCCUPATIONS)),
                "mode": pd.Categorical.from_codes(mode, list(MODES)),
                "value_band": pd.Categorical.from_codes(rng.integers(0, 4, n), list(VALUE_BANDS)),
                "rated_expertise": pd.array(level.astype(int), dtype="Int8"),
                "actions_per_prompt": np.exp(actions + 0.6 * rng.normal(size=n)),
                "verified_success": rng.random(n) < chance,
                "clear_goal": True,
            }
        )

    return build


@pytest.fixture(scope="session")
def coefficient() -> Callable[[PartialledOut], float]:
    """The effect of one level in closed form (Frisch, Waugh and Lovell), without DoWhy."""

    def compute(compressed: PartialledOut) -> float:
        left = compressed.treatment - compressed.treatment_score
        return float(left @ (compressed.outcome - compressed.outcome_score) / (left @ left))

    return compute
