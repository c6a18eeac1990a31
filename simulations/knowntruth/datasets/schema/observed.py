"""All observed columns: name, type, unit, meaning and allowed values.

The simulator writes these columns, the analyses read them, and the codebook lists them. Logs of a company work too if
they have the columns that an analysis needs: see `observed_columns` and `check.check`.
"""

from dataclasses import dataclass
from typing import Final, Literal

from knowntruth.datasets.schema.categories import (
    CODEBASE,
    FAILURE_SCALE,
    MODEL_TIERS,
    MODES,
    MONTHS,
    OCCUPATIONS,
    OUTCOMES,
    SUCCESS_SCALE,
    SURFACES,
    UNCLEAR,
    VALUE_BANDS,
)

Kind = Literal["id", "count", "level", "real", "flag", "category"]
Role = Literal["key", "telemetry", "label", "derived", "truth", "potential outcome", "estimand"]
"""Where a column comes from; only the first four are ever observed."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; the observed ones are `OBSERVED`.

    ``kind`` fixes the storage type: id int64, count int32, level int8 (nullable when ``nullable``),
    real float64, flag bool, category dictionary-encoded text out of ``categories``.
    ``minimum`` and ``maximum`` are inclusive and in ``unit``.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    role: Role
    categories: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    nullable: bool = False


def _key(name: str, meaning: str) -> Column:
    return Column(name, "id", "identifier", meaning, "key", minimum=0)


def _count(name: str, unit: str, meaning: str, minimum: int = 0) -> Column:
    return Column(name, "count", unit, meaning, "telemetry", minimum=minimum)


def _category(name: str, meaning: str, role: Role, categories: tuple[str, ...]) -> Column:
    return Column(name, "category", "category", meaning, role, categories=categories)


def _share(name: str, meaning: str, nullable: bool = False) -> Column:
    return Column(name, "real", "share 0-1", meaning, "label", minimum=0, maximum=1, nullable=nullable)


def _signal(name: str, meaning: str, scale: tuple[str, ...]) -> Column:
    graded = "; ".join(f"{strength} {words}" for strength, words in enumerate(scale))
    return Column(name, "level", "strength 0-5", f"{meaning}: {graded}", "label", minimum=0, maximum=5)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "flag", "yes/no", meaning, "derived")


OBSERVED: Final = (
    _key("session_id", "one interactive session; the only key that observed rows share with truth"),
    _key("user_id", "the account behind the session; errors are clustered by it"),
    _category("month", "calendar month of the session", "telemetry", MONTHS),
    _category("surface", "where the session ran", "telemetry", SURFACES),
    Column("model_generation", "level", "generation 1-3", "generation of the model that answered", "telemetry",
           minimum=1, maximum=3),
    _category("model_tier", "capability tier of the model that answered", "telemetry", MODEL_TIERS),
    Column("encouraged", "flag", "yes/no", "randomized encouragement of the user to learn the domain", "telemetry"),
    Column("release_wave", "level", "wave 1-2", "randomized wave of access to new models: 1 early, 2 late",
           "telemetry", minimum=1, maximum=2),
    _count("account_age_months", "months", "months since the account signed up"),
    _count("prompts", "prompts", "human prompts (turns) in the session", minimum=1),
    _count("model_calls", "calls", "model calls in the session", minimum=1),
    _count("tool_calls", "calls", "successful tool calls in the session"),
    Column("actions_per_prompt", "real", "actions per prompt", "model and tool steps set off by one human prompt,"
           " averaged over the session", "telemetry", minimum=1),
    Column("words_per_prompt", "real", "words per prompt", "words written by the agent per human prompt, averaged"
           " over the session", "telemetry", minimum=0),
    _count("lines_added", "lines", "lines of code added"),
    _count("lines_removed", "lines", "lines of code removed"),
    _category("mode", "work mode, by where most of the work went", "label", MODES),
    _category("codebase", "what the session did to a codebase", "label", CODEBASE),
    Column("rated_expertise", "level", "level 1-5", "apparent domain expertise for the task, read from the"
           " transcript; missing where the rater answers Unclear", "label", minimum=1, maximum=5, nullable=True),
    _category("user_occupation", "the user's SOC group, inferred from context, or unclear", "label",
              (*OCCUPATIONS, UNCLEAR)),
    _category("task_occupation", "the SOC group whose work this normally is; no abstention", "label", OCCUPATIONS),
    _category("outcome", "judged outcome", "label", OUTCOMES),
    _signal("success_signal", "strength of the evidence of success", SUCCESS_SCALE),
    _signal("failure_signal", "strength of the evidence of failure", FAILURE_SCALE),
    _share("planning_share_user", "share of planning decisions credited to the user"),
    _share("execution_share_user", "share of execution decisions credited to the user"),
    Column("price_usd", "real", "US dollars", "freelance-equivalent price of the work, as the pricer sees it",
           "label", minimum=0),
    _category("value_band", "band of price_usd", "derived", VALUE_BANDS),
    _flag("clear_goal", "the outcome classifier found a goal; other sessions leave every success analysis"),
    _flag("at_least_partial", "judged succeeded or partially succeeded"),
    _flag("judged_success", "judged succeeded"),
    _flag("verified_success", "judged succeeded and success signal 4 or 5"),
    _flag("judged_failure", "judged failed"),
    _flag("verified_failure", "judged failed and failure signal 4 or 5"),
    _flag("trouble", "failure signal 3 or higher"),
    _flag("abandoned", "in trouble, judged failed and no line added"),
    _flag("code_producing", "at least one line added"),
)  # fmt: skip
"""All observed columns in their order on disk."""


def observed_columns() -> dict[str, Column]:
    """Return the observed columns by name, in their order on disk.

    Examples
    --------
    >>> observed_columns()["prompts"].unit
    'prompts'
    """
    return {column.name: column for column in OBSERVED}
