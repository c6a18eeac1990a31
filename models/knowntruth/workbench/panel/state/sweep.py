"""A sweep: what the study would publish with each threat from one end of its dial to the other."""

from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.workbench.panel.state.dials import DIALS
from knowntruth.workbench.panel.state.headline import Contrasts
from knowntruth.workbench.panel.state.sample import draw_sample
from knowntruth.workbench.panel.state.setting import Setting

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.workbench.panel.state.headline import Row

POINTS: Final = 7
COLUMNS: Final = ("dial", "unit", "here", "at", "seen", "error", "true", "published")


def threats() -> "pd.DataFrame":
    """Return one row per dial: dial, unit, meaning, low, high, and the dials of the world that it changes."""
    import pandas as pd

    rows = [(d.label, d.unit, d.meaning, d.low, d.high, ", ".join(d.turns)) for d in DIALS]
    return pd.DataFrame(rows, columns=["dial", "unit", "meaning", "low", "high", "turns"])


def sweep(start: Setting, points: int = POINTS) -> "pd.DataFrame":
    """Return the adjusted slope of verified success at ``points`` positions of each dial, the others unchanged.

    Returns
    -------
    One row per dial and position: its position ``here`` in the world and ``at`` in the sweep, the slope seen with
    its standard error, the true slope, and the published one.
    """
    import pandas as pd

    rows = []
    for dial in DIALS:
        here = dial.position(start.base)
        for at in np.linspace(dial.low, dial.high, points):
            row = _slope(start.moved(dial.name, float(at)))
            rows.append((dial.label, dial.unit, here, float(at), row.seen.value, row.seen.standard_error,
                         row.true.value, row.printed))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _slope(setting: Setting) -> "Row":
    return Contrasts(draw_sample(setting.world, setting.sessions, setting.seed)).rows[-1]
