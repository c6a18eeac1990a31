"""The pictures in the order of the report; a new one is a file and a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from knowntruth.workbench.plots.bayes import posterior
from knowntruth.workbench.plots.calibration import gaps_by_table
from knowntruth.workbench.plots.causal import contour, graph, sensitivity
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.plots.study import claims, dose_response, slopes, work_modes
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Sketch:
    """One picture: the section of the report that shows it, and the functions that draw and describe it."""

    name: str
    section: str
    title: str
    caption: str
    draw: "Callable[[Results], Figure]"
    alt: Callable[[Results], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """One drawn picture; ``png`` is the same bytes for the same results."""

    name: str
    section: str
    title: str
    caption: str
    alt: str
    png: bytes
    width: int
    height: int


SKETCHES: Final = (
    Sketch("claims", "claims", "The claims that have a true value",
           "Whiskers are two standard errors. The grey line is no effect.", claims.draw, claims.alt),
    Sketch("dose_response", "effects", "From novice to expert",
           "Whiskers are two standard errors. For actions the study published only the values of the two ends.",
           dose_response.draw, dose_response.alt),
    Sketch("slopes", "effects", "Do more controls help?",
           "The study’s regression with one more set of controls in each row. Dashed: the slope of the true effects,"
           " averaged over levels as the regression does.", slopes.draw, slopes.alt),
    Sketch("posterior", "bayes", "Posterior and truth",
           "A square outside its bar is a true value that the interval misses.", posterior.draw, posterior.alt),
    Sketch("sensitivity", "checks", "Estimates of the effect of one level of expertise",
           "Bars are 95% intervals. The last row shows what would remain if a hidden cause were as strong as the"
           " strongest control of the study.", sensitivity.draw, sensitivity.alt),
    Sketch("contour", "checks", "How strong is the hidden cause, and how strong would it have to be?",
           "Each point is a hidden cause, by the share of rating and outcome that it explains. The square is this"
           " world’s own.", contour.draw, contour.alt),
    Sketch("graph", "graph", "The main variables",
           "Dashed outline: hidden from the study. An arrow may stand for a path through others. “Course”"
           " stands for all variables that change from prompt to prompt.", graph.draw, graph.alt),
    Sketch("gaps", "figures", "Every published figure",
           "Shaded: within two errors. The scale is logarithmic outside it.", gaps_by_table.draw, gaps_by_table.alt),
    Sketch("modes", "figures", "What the sessions are for",
           "Nine kinds of work, one per session.", work_modes.draw, work_modes.alt),
)  # fmt: skip

SECTIONS: Final = tuple(dict.fromkeys(sketch.section for sketch in SKETCHES))


def draw(results: Results) -> dict[str, list[Picture]]:
    """Draw all pictures, by section of the report.

    Examples
    --------
    >>> [sketch.name for sketch in SKETCHES if sketch.section == "effects"]  # the pictures of one section
    ['dose_response', 'slopes']
    """
    drawn: dict[str, list[Picture]] = {section: [] for section in SECTIONS}
    for sketch in SKETCHES:
        drawn[sketch.section].append(picture(sketch, results))
    return drawn


def picture(sketch: Sketch, results: Results) -> Picture:
    """Return one drawn picture."""
    png = style.png(sketch.draw, results)
    width, height = (int.from_bytes(png[start : start + 4]) for start in (16, 20))  # of the header of a PNG
    alt = sketch.alt(results)
    return Picture(sketch.name, sketch.section, sketch.title, sketch.caption, alt, png, width, height)
