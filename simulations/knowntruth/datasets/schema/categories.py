"""The closed lists of values that categorical columns may take, in their fixed order."""

from typing import Final

LEVELS: Final = (1, 2, 3, 4, 5)
"""Expertise: 1 novice, 2 beginner, 3 intermediate, 4 advanced, 5 expert (study.md, Measures)."""

LEVEL_NAMES: Final = ("novice", "beginner", "intermediate", "advanced", "expert")

UNCLEAR: Final = "unclear"
"""What a classifier answers when it abstains."""

MONTHS: Final = ("2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04")
"""The seven calendar months of the study's window (figures.csv: window_months)."""

MODES: Final = (
    "plan", "build", "fix", "understand", "test", "operate", "analyze", "orchestrate", "communicate",
)  # fmt: skip
"""The nine work modes of the study, one per session."""

CODE_MODES: Final = ("build", "fix", "test", "orchestrate")
"""Modes that write or maintain code (figures.csv: mode_share_code_four_modes)."""

CODEBASE: Final = ("modify_existing", "create_new", "explore", "none")
"""What a session did to a codebase (figures.csv: codebase_*); the first two change its code."""

OCCUPATIONS: Final = (
    "management", "business_finance", "software_math", "architecture_engineering", "sciences",
    "community_social", "legal", "education", "arts_design_media", "healthcare", "healthcare_support",
    "protective_service", "food_service", "building_grounds", "personal_care", "sales", "office_admin",
    "farming_fishing", "construction", "installation_repair", "production", "transportation", "military",
)  # fmt: skip
"""The 23 SOC major groups, in SOC order (figures.csv: soc_groups)."""

SOFTWARE: Final = "software_math"
"""The SOC group that the study calls software engineers: computer and mathematical."""

OUTCOMES: Final = ("succeeded", "partial", "failed", "no_clear_goal")
"""What the outcome classifier may answer."""

VALUE_BANDS: Final = ("$10-200", "$200-1000", "$1000-5000", "$5000+")
"""Four bands of the freelance-equivalent price (36 cells = 9 modes x 4 bands; figures.csv: a1_fe_cells_col2)."""

VALUE_BAND_EDGES: Final = (200.0, 1000.0, 5000.0)
"""Upper edges in US dollars of all bands but the last."""

SURFACES: Final = ("command_line", "desktop", "web")
"""Interactive surfaces in the sample; all others (headless, SDK, third-party editors) are excluded."""

MODEL_TIERS: Final = ("standard", "large")
"""Capability tier of the model that answered, a control of Table A1's column 6."""

SUCCESS_SCALE: Final = (
    "none", "hints only", "a clean ending, the usual short session", "the work looks right and is taken up",
    "one piece of hard evidence: a matching commit, passing tests, matching output, explicit approval",
    "hard evidence of more than one kind, or beyond doubt",
)  # fmt: skip
"""Meaning of each strength of the success signal, from 0 (study.md, derived measures)."""

FAILURE_SCALE: Final = (
    "none", "a hitch that was overcome", "a shortfall in passing",
    "a sub-task given up, a clear shortfall, or pushback by the user", "an error that stayed open",
    "errors that nobody recovered from",
)  # fmt: skip
"""Meaning of each strength of the failure signal, from 0; 3 and more is trouble (study.md, derived measures)."""
