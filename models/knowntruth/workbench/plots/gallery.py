"""The pictures in the order of the report; a new one is a file and a row here."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
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
    """How one picture is made: the section of the report that shows it, and the functions that draw and tell it."""

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
    Sketch("claims", "claims", "The claims that have a truth",
           "Whiskers are two standard errors. The grey line is no effect at all.", claims.draw, claims.alt),
    Sketch("dose_response", "effects", "From novice to expert",
           "Whiskers are two standard errors. Published values of actions are known for the ends only.",
           dose_response.draw, dose_response.alt),
    Sketch("slopes", "effects", "Do more controls help?",
           "The study’s regression with more and more held fixed. Dashed: the slope that changing expertise itself"
           " would give, averaged over levels as the regression does.", slopes.draw, slopes.alt),
    Sketch("posterior", "bayes", "Posterior beside the truth",
           "A square outside its bar is a truth that the model rules out.", posterior.draw, posterior.alt),
    Sketch("sensitivity", "checks", "What one level of expertise seems to be worth",
           "Bars are 95% intervals. The last row of each says what would be left if a hidden cause pulled as hard as"
           " the strongest thing that the study holds fixed.", sensitivity.draw, sensitivity.alt),
    Sketch("contour", "checks", "How strong is the hidden cause, and how strong would it have to be?",
           "Each point is a hidden cause, by what it explains of the rating and of the outcome. The square is the one"
           " that this world has.", contour.draw, contour.alt),
    Sketch("graph", "graph", "The main variables",
           "Dashed outline: hidden from the study. An arrow may run through variables that are not drawn. The course"
           " of the session stands for all that happens prompt by prompt.", graph.draw, graph.alt),
    Sketch("gaps", "figures", "Every published figure",
           "Shaded: within two errors. The scale is logarithmic outside it.", gaps_by_table.draw, gaps_by_table.alt),
    Sketch("modes", "figures", "What the sessions are for",
           "Nine kinds of work, one a session.", work_modes.draw, work_modes.alt),
)  # fmt: skip

SECTIONS: Final = tuple(dict.fromkeys(sketch.section for sketch in SKETCHES))


def draw(results: Results) -> dict[str, list[Picture]]:
    """Return all pictures by section of the report.

    Examples
    --------
    >>> [sketch.name for sketch in SKETCHES if sketch.section == "effects"]  # what is drawn for that section
    ['dose_response', 'slopes']
    """
    drawn: dict[str, list[Picture]] = {section: [] for section in SECTIONS}
    for sketch in SKETCHES:
        drawn[sketch.section].append(picture(sketch, results))
    return drawn


def picture(sketch: Sketch, results: Results) -> Picture:
    """Return one drawn picture."""
    buffer = BytesIO()
    with style.styled():
        figure = sketch.draw(results)
        figure.savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    width, height = (round(style.DPI * inches) for inches in figure.get_size_inches())
    return Picture(
        sketch.name,
        sketch.section,
        sketch.title,
        sketch.caption,
        sketch.alt(results),
        buffer.getvalue(),
        width,
        height,
    )
