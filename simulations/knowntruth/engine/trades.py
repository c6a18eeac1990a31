"""Which kinds of work are an occupation's own trade."""

from typing import Final

import numpy as np

from knowntruth.datasets.schema.categories import MODES, OCCUPATIONS

TRADES: Final[dict[str, tuple[str, ...]]] = {
    "software_math": ("plan", "build", "fix", "understand", "test", "operate", "orchestrate"),
    "architecture_engineering": ("plan", "build", "analyze"),
    "sciences": ("build", "understand", "analyze"),
    "management": ("plan", "analyze", "communicate"),
    "business_finance": ("plan", "analyze", "communicate"),
    "healthcare": ("analyze", "communicate"),
    "legal": ("understand", "communicate"),
    "arts_design_media": ("build", "communicate"),
    "office_admin": ("operate", "communicate"),
}
"""The work modes that are an occupation's own trade (assumed); every other occupation has only ``communicate``."""


OWN_TRADE: Final = np.array(
    [[float(mode in TRADES.get(name, ("communicate",))) for mode in MODES] for name in OCCUPATIONS]
)
"""1 where a mode is an occupation's own trade, else 0 (occupations x modes)."""
