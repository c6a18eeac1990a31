"""The sentences of the report that depend on the numbers, and its glossary."""

import shlex
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.schema.categories import LEVEL_NAMES
from knowntruth.datasets.schema.estimands import HEADLINE, estimand
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.calibration import gaps_by_table
from knowntruth.workbench.plots.causal.graph import hidden
from knowntruth.workbench.results.study_results import PUBLISHED_SESSIONS, PUBLISHED_USERS, About, Results
from knowntruth.world.graphs.layout import COURSE, COURSE_MEANING, main_graph

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

GLOSSARY: Final = (
    ("Session",
     "One continuous use of the coding agent by one person. The unit of the study."),
    ("Expertise, rated",
     "A person’s expertise for the task, 1 novice to 5 expert, as a language model rates it from the transcript."),
    ("Expertise, true",
     "The person’s real expertise, on the same scale. It is known only in a simulation."),
    ("Verified success",
     "The session is judged a success, and there is hard evidence of it: a commit, passing tests, matching output, or"
     " the user’s approval. The truth counts the same, as a perfect judge would."),
    ("Confounding",
     "A hidden variable, such as general ability, affects both expertise and success. They are then associated even"
     " if neither causes the other."),
    ("Halo",
     "The rating depends on how the session went. Success then raises the rating, not the other way round."),
    ("Instrument",
     "A procedure that turns a session into a number: a rating, a label, a price. A perfect one reports the truth."),
    ("World",
     "One complete set of mechanisms and parameters (dials) that simulates people, sessions and labels."),
    ("Posterior",
     "A Bayesian model’s probability distribution after seeing the data. A 90% interval has probability 90%."),
    ("Standard error",
     "The standard deviation of an estimate over repeated samples. Without bias, the truth is within two of them in"
     " about 95% of cases."),
    ("Controls held",
     "Sessions are compared only with sessions of the same kind of work, value, month and occupation."),
    ("Refuter",
     "A test that a valid estimate should pass: shuffle the treatment, add a random covariate, drop data."),
)  # fmt: skip


def main_findings(results: Results) -> list[str]:
    """Return the main findings in a few sentences, the most important first."""
    lines = [_claim(row) for row in _leading(results.claims)]
    lines += [
        line
        for name in ("activity_ratio", "verified_difference")
        if (line := _posterior(results.bayes.effects, name))
    ]
    rows = gaps_by_table.usable(results)
    near = int((rows["z"].abs() <= 2).sum())
    lines.append(
        f"Of the {len(rows)} published figures that can be compared, {near} agree with this world within "
        "two standard errors of the difference."
    )
    return lines


def count_verdicts(checks: "pd.DataFrame") -> str:
    """Return in one sentence how many checks passed and how many raised an alarm."""
    counts = checks["verdict"].value_counts()
    numbers = int(counts.get("pass", 0)), int(counts.get("alarm", 0))
    if not sum(numbers):
        return ""
    return f"Of {sum(numbers)} checks that can raise an alarm, {numbers[1]} did and {numbers[0]} did not."


def count_correct(checks: "pd.DataFrame") -> str:
    """Return in one sentence how many verdicts are right given the truth; empty if it is unknown."""
    if "right" not in checks:
        return ""
    judged = checks[checks["right"].isin(["yes", "no"])]
    missed = judged[judged["right"].eq("no") & judged["should"].eq("alarm")]
    right = int(judged["right"].eq("yes").sum())
    return (
        f"{right} of {len(judged)} verdicts are right; {len(missed)} checks passed that should have raised an alarm."
    )


def count_misfits(predictive: "pd.DataFrame") -> str | None:
    """Return in one sentence how many posterior predictive checks the models pass; None if none has a verdict."""
    if "verdict" not in predictive:
        return None
    failed = int(predictive["verdict"].isin(["fail", "alarm"]).sum())
    return f"{len(predictive) - failed} of {len(predictive)} posterior predictive checks pass."


def command(about: About) -> str:
    """Return the command that reproduces this report."""
    from knowntruth.world.definition.world import names

    world = about.world if about.world in names() else f"{about.world}.toml"
    full = (about.sessions, about.users) == (PUBLISHED_SESSIONS, PUBLISHED_USERS)
    size = ["--full"] if full else ["--sessions", str(about.sessions)]
    instruments = ["--perfect-instruments"] if about.perfect_instruments else []
    return shlex.join(["knowntruth", "study", "--world", world, *size, "--seed", str(about.seed), *instruments])


def main_nodes(graph: "nx.DiGraph[str]") -> list[str]:
    """Return the variables that the picture of the graph shows."""
    return list(main_graph(graph))


def node_table(graph: "nx.DiGraph[str]") -> "pd.DataFrame":
    """Return the main variables in words: what they mean, and whether the study observed them."""
    import pandas as pd

    def row(name: str) -> dict[str, Any]:
        node = {"meaning": COURSE_MEANING} if name == COURSE else graph.nodes[name]
        return {
            "variable": name.replace("_", " "),
            "meaning": node.get("meaning", ""),
            "to the study": "hidden" if hidden(graph, name) else "visible",
            "label of": (node.get("measures") or "").replace("_", " "),
        }

    return pd.DataFrame([row(name) for name in main_nodes(graph)])


def effect_table(effects: "pd.DataFrame") -> "pd.DataFrame":
    """Return posterior and truth for people, differences in percentage points."""
    import pandas as pd

    known = [estimand(name) for name in effects["estimand"]]
    factor = pd.Series([1.0 if each.scale == "ratio" else 100.0 for each in known], index=effects.index)
    return pd.DataFrame(
        {
            "effect on": [f"{_WHAT[each.outcome]}, {_UNIT[each.scale]}" for each in known],
            "contrast": plain_contrasts(effects)["contrast"],
            "estimate": factor * effects["mean"],
            "90% from": factor * effects["lower"],
            "to": factor * effects["upper"],
            "true": factor * effects["value"],
            "contains the truth": effects["holds"],
            "R-hat": effects["r_hat"],
            "ESS": effects["ess_bulk"],
        }
    )


def plain_contrasts(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return ``frame`` with contrasts in words: ``5 vs 1`` is ``expert against novice``."""
    words = {f"{level} vs 1": f"{name} against novice" for level, name in enumerate(LEVEL_NAMES, start=1)}
    return frame.assign(contrast=frame["contrast"].map(words))


_WHAT: Final = {"actions_per_prompt": "agent actions per prompt", "verified_success": "verified success"}
_UNIT: Final = {"ratio": "times", "difference": "points"}


def _leading(claims: "pd.DataFrame") -> list[dict[Any, Any]]:
    """Return the last, most adjusted claim on each estimand that has a truth to compare with."""
    known = claims[claims["true"].notna() & claims["estimand"].astype(bool)]
    return known.drop_duplicates("estimand", keep="last").to_dict("records")


def _claim(row: dict[Any, Any]) -> str:
    return f"{row['claim'].rstrip('.')}: {row['says']}"


def _posterior(effects: "pd.DataFrame", name: str) -> str:
    rows = effects[effects["estimand"].eq(name) & effects["contrast"].eq(HEADLINE) & effects["value"].notna()]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    factor, unit = (1.0, "times a novice’s") if name.endswith("ratio") else (100.0, "points above a novice’s")
    low, high, true = (number(factor * row[column]) for column in ("lower", "upper", "value"))
    holds = "contains" if row["lower"] <= row["value"] <= row["upper"] else "misses"
    return (
        f"The Bayesian model estimates an expert’s {_WHAT[estimand(name).outcome]} at {low} to {high} {unit}; "
        f"this interval {holds} the true value, {true}."
    )
