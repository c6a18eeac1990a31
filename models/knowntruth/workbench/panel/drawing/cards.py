"""The views of the panel as HTML: cards of the contrasts, the figure, the ledger and the table of checks.

Every view is dark on white, whatever the theme of the notebook; cards and pictures wrap on a narrow screen, and a
wide table scrolls.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

from knowntruth.causal.check import Check
from knowntruth.design.ledger.decompose import QUANTITIES, Ledger
from knowntruth.workbench.output.number_format import in_unit, number, with_error
from knowntruth.workbench.panel.drawing import pictures
from knowntruth.workbench.panel.state.headline import SLOPES, Contrasts, Row
from knowntruth.workbench.plots.common import style

STYLE: Final = f"""<style>
.kt {{ background: #fff; color: {style.INK}; padding: 6px 8px;
  font: 14px/1.45 system-ui, 'DejaVu Sans', sans-serif; }}
.kt h3 {{ font-size: 15px; margin: 4px 0; color: {style.INK}; }}
.kt p {{ margin: 2px 0 6px; }}
.kt .cards {{ display: flex; flex-wrap: wrap; gap: 8px 22px; }}
.kt .card {{ flex: 1 1 250px; max-width: {pictures.WIDTH}px; min-width: 0; }}
.kt .card h4 {{ font-size: 13px; font-weight: 600; margin: 0 0 2px; line-height: 1.3; color: {style.INK}; }}
.kt .values b {{ font-variant-numeric: tabular-nums; }}
.kt .scroll {{ overflow-x: auto; }}
.kt table {{ border-collapse: collapse; font-size: 13px; color: {style.INK}; }}
.kt th, .kt td {{ text-align: left; vertical-align: top; padding: 3px 10px 3px 0;
  border-bottom: 1px solid {style.GRID}; }}
.kt small {{ color: {style.FAINT}; font-size: 12px; }}
</style>"""

OUTCOMES: Final = {"verified_success": "verified success", "actions_per_prompt": "log actions"}


def headline(contrasts: Contrasts) -> str:
    """Return the cards of the contrasts and the study's figure."""
    cards = "".join(_card(row) for row in contrasts.rows)
    figure = "".join(f"<div class='card'>{pictures.levels(contrasts, each).inline()}</div>" for each in SLOPES)
    body = (
        f"{pictures.key().inline()}<div class='cards'>{cards}</div>"
        f"<h3>By level of expertise: rated (seen) or true</h3><div class='cards'>{figure}</div>"
    )
    return _view("The published contrasts and the truth", body)


def ledger(made: Ledger, sessions: int) -> str:
    """Return the ledger of both quantities; it notes if it is computed from fewer than ``sessions``."""
    fewer = f" From {made.sessions:,} of the {sessions:,} sessions." if made.sessions < sessions else ""
    drawn = "".join(f"<div class='card'>{pictures.waterfall(made, each).inline()}</div>" for each in QUANTITIES)
    note = f"<p><small>Components of the contrast; whiskers: two standard errors.{fewer}</small></p>"
    return _view("The bias ledger", f"{note}<div class='cards'>{drawn}</div>")


def checks(found: Sequence[Check]) -> str:
    """Return the checks of both slopes side by side."""
    by_name: dict[str, dict[str, Check]] = {}
    for each in found:
        by_name.setdefault(each.name, {})[each.outcome] = each
    head = "".join(f"<th>{escape(label)}</th>" for label in OUTCOMES.values())
    body = "".join(_check(name, by_outcome) for name, by_outcome in by_name.items())
    note = "<p><small>Computed from the study’s data alone. In brackets: the limits of an interval.</small></p>"
    table = f"<table><thead><tr><th>check</th>{head}<th>question</th></tr></thead><tbody>{body}</tbody></table>"
    return _view("Causal checks", f"{note}<div class='scroll' tabindex='0' aria-label='checks'>{table}</div>")


def label(name: str, unit: str, meaning: str) -> str:
    """Return the line above a dial; its meaning is shown on hover."""
    return (
        f"<div class='kt-label' style='line-height:1.2' title='{escape(meaning, quote=True)}'><b>{escape(name)}</b> "
        f"<span style='font-size:11px'>{escape(unit)}</span></div>"
    )


def message(words: str, *, alarm: bool = False) -> str:
    """Return a sentence to the user; screen readers read an ``alarm`` at once."""
    role = "alert" if alarm else "status"
    return f"<div role='{role}' class='kt-said' style='line-height:1.3'>{escape(words)}</div>"


def code(python: str) -> str:
    """Return Python to copy, with a button that does."""
    copy = "navigator.clipboard.writeText(this.nextElementSibling.textContent);this.textContent='Copied'"
    return (
        f"<details class='kt-code'><summary>Copy as code</summary><button onclick=\"{copy}\">Copy</button>"
        f"<pre style='overflow-x:auto;font-size:12px;line-height:1.35'>{escape(python)}</pre></details>"
    )


def problem(reason: str) -> str:
    """Return what is shown instead of a view that cannot be computed, with the reason."""
    return _view("Not available", f"<p role='alert'>{escape(reason)}</p>")


def _card(row: Row) -> str:
    numbers = (
        (style.PUBLISHED, "printed", number(row.printed)),
        (style.SEEN, "seen", with_error(row.seen.value, row.seen.standard_error)),
        (style.TRUE, "true", with_error(row.true.value, row.true.standard_error)),
    )
    values = ", ".join(
        f"<span style='color:{kind.color}'>{name} <b data-number='{name}'>{value}</b></span>"
        for kind, name, value in numbers
    )
    return (
        f"<div class='card' data-unit='{row.unit}'><h4>{escape(row.claim)}</h4>{pictures.strip(row).inline()}"
        f"<p class='values'>{values} <small>{in_unit('', row.unit)}</small></p></div>"
    )


def _check(name: str, by_outcome: dict[str, Check]) -> str:
    cells = "".join(f"<td>{_verdict(by_outcome[each]) if each in by_outcome else ''}</td>" for each in OUTCOMES)
    first = next(iter(by_outcome.values()))
    return f"<tr><td>{escape(name)}</td>{cells}<td>{escape(first.question)}</td></tr>"


def _verdict(check: Check) -> str:
    word = f"<b>{check.verdict}</b> " if check.verdict in ("pass", "alarm") else ""
    return f"{word}{number(check.value)} <small>({number(check.lower)} to {number(check.upper)})</small>"


def _view(title: str, body: str) -> str:
    return f"{STYLE}<div class='kt'><h3>{escape(title)}</h3>{body}</div>"
