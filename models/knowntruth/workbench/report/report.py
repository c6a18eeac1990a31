"""The report: one page that needs nothing else, to send to a colleague.

Pictures are inside the page, as are the styles; there are no scripts and nothing is fetched. This module
computes the content of the page; ``templates/`` has its look.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from knowntruth.workbench.output import html, number_format
from knowntruth.workbench.output.tables import Grid, grid
from knowntruth.workbench.report import bounds_section, instruments_section, sentences
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.workbench.plots.gallery import Picture

CONTENTS: Final = (
    ("brief", "In brief"),
    ("claims", "What the study claims, and what is true in this world"),
    ("effects", "The effect of expertise, seen and true"),
    ("bayes", "Can a Bayesian model do better?"),
    ("checks", "Would the usual checks have raised an alarm?"),
    ("graph", "The causal graph"),
    ("figures", "Comparison with the published figures"),
    ("instruments", "How well the instruments measure"),
    ("open", "Which true effects the published figures allow"),
    ("made", "How to reproduce this report"),
    ("words", "Glossary"),
)

ANSWERS: Final = (
    ("published", "Published"),
    ("seen", "Seen in this world"),
    ("perfect", "Through perfect instruments"),
    ("true", "True in this world"),
)


def page(results: Results, pictures: "Mapping[str, Iterable[Picture]]") -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    results
        The results of the study.
    pictures
        The drawn pictures of each section: claims, effects, bayes, checks, graph, figures.
    """
    shown = {section: [_inline(picture) for picture in drawn] for section, drawn in pictures.items()}
    return html.render("report.html.jinja", **_context(results), pictures=shown)


def _context(results: Results) -> dict[str, Any]:
    return {
        "about": results.about,
        "contents": CONTENTS,
        "brief": sentences.main_findings(results),
        "claims": [_claim(row) for row in results.claims.to_dict("records")],
        "checks": _checks(results.checks),
        "failed": results.bayes.failed,
        "misfits": sentences.count_misfits(results.bayes.predictive),
        "verdicts": sentences.count_verdicts(results.checks),
        "rightness": sentences.count_correct(results.checks),
        "tables": _tables(results),
        "comparison": _comparison(results.comparison),
        "instruments": instruments_section.section(results.instruments, results.exclusions),
        "open": _open(bounds_section.section(results.about)),
        "graph": {"nodes": results.graph.number_of_nodes(), "shown": len(sentences.main_nodes(results.graph))},
        "command": sentences.command(results.about),
        "words": sentences.GLOSSARY,
    }


def _open(section: dict[str, Any]) -> dict[str, Any]:
    return {**section, "picture": _inline(section["picture"])} if "picture" in section else section


def _inline(picture: "Picture") -> dict[str, Any]:
    encoded = base64.b64encode(picture.png).decode("ascii")
    return {
        "title": picture.title, "caption": picture.caption, "alt": picture.alt,
        "source": f"data:image/png;base64,{encoded}", "width": picture.width, "height": picture.height,
    }  # fmt: skip


def _claim(row: Mapping[Any, Any]) -> dict[str, Any]:
    answers = [
        (
            kind,
            label,
            number_format.in_unit(number_format.with_error(row[kind], row.get(f"{kind}_error")), row["unit"]),
        )
        for kind, label in ANSWERS
        if kind in row and number_format.number(row[kind]) != number_format.NO_VALUE
    ]
    return {"claim": row["claim"], "says": row.get("says") or "", "answers": answers}


def _checks(checks: "pd.DataFrame") -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the checks of each outcome, each with its result as text."""
    outcomes = list(dict.fromkeys(checks["outcome"]))
    return [
        (name, [_check(row) for row in checks[checks["outcome"].eq(name)].to_dict("records")]) for name in outcomes
    ]


def _check(row: Mapping[Any, Any]) -> dict[str, Any]:
    low, high = number_format.number(row["lower"]), number_format.number(row["upper"])
    interval = f" ({low} to {high})" if high != number_format.NO_VALUE else f" (limit {low})"
    interval = "" if low == number_format.NO_VALUE else interval
    return {**row, "answer": f"{row['statistic']}: {number_format.number(row['value'])}{interval}"}


def _tables(results: Results) -> dict[str, Grid]:
    import pandas as pd

    versions = pd.DataFrame(sorted(results.about.versions.items()), columns=["library", "version"])
    return {
        "truth": grid(sentences.plain_contrasts(results.effects_true), {"mcse": "error", "n": "sessions"}),
        "effects": grid(sentences.effect_table(results.bayes.effects)),
        "diagnostics": grid(results.bayes.diagnostics),
        "predictive": grid(results.bayes.predictive),
        "residual": grid(results.residual.known if results.residual.known is not None else pd.DataFrame()),
        "graph": grid(sentences.node_table(results.graph)),
        "changed": grid(results.about.changed),
        "versions": grid(versions),
    }


def _comparison(comparison: "pd.DataFrame") -> list[tuple[str, Grid]]:
    """Return one table for each role, of the figures that this world's data allow to compute."""
    found = comparison[comparison["simulated"].notna()]
    columns = ["quantity", "group", "unit", "published", "simulated", "standard_error", "z"]
    heads = {"simulated": "seen", "standard_error": "error of seen", "z": "gap in standard errors"}
    titles = (
        ("calibrate", "figures that may be fitted"),
        ("validate", "held-out figures, predicted"),
        ("context", "figures for context"),
    )
    parts = [(title, found.loc[found["role"] == role, columns]) for role, title in titles]
    return [(f"{len(part)} {title}", grid(part, heads)) for title, part in parts if len(part)]
