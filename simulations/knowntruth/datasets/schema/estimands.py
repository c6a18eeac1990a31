"""The estimands, defined once, so a posterior, an estimate and the truth refer to the same quantity."""

from dataclasses import dataclass
from typing import Final, Literal

from knowntruth.common.names import look_up
from knowntruth.datasets.schema.categories import LEVELS

Scale = Literal["ratio", "difference"]


@dataclass(frozen=True, slots=True)
class Estimand:
    """One causal contrast between two levels of a treatment.

    ``scale`` states how two levels are compared: ``ratio`` of geometric means, or ``difference`` of
    probabilities. The population is that of interactive sessions with a clear goal, at their own traits; for those of
    `RECOVERIES`, the part of it that would be in trouble at every level.

    Examples
    --------
    >>> estimand("activity_ratio").no_effect, estimand("verified_difference").no_effect
    (1.0, 0.0)
    """

    name: str
    treatment: str
    outcome: str
    scale: Scale
    unit: str
    meaning: str

    @property
    def no_effect(self) -> float:
        """The value that means no effect: 1 for a ratio, 0 for a difference."""
        return 1.0 if self.scale == "ratio" else 0.0


def _pair(treatment: str, prefix: str, label: str) -> tuple[Estimand, ...]:
    return (
        Estimand(
            f"{prefix}activity_ratio",
            treatment,
            "actions_per_prompt",
            "ratio",
            "ratio",
            f"agent actions per prompt of a session, geometric mean, at one level of {label} against novice",
        ),
        Estimand(
            f"{prefix}verified_difference",
            treatment,
            "verified_success",
            "difference",
            "probability",
            f"verified success at one level of {label} minus novice",
        ),
        Estimand(
            f"{prefix}success_difference",
            treatment,
            "true_success",
            "difference",
            "probability",
            f"true success at one level of {label} minus novice",
        ),
    )


ESTIMANDS: Final = (
    *_pair("domain_expertise", "", "domain expertise for the task"),
    *_pair("coding_expertise", "coding_", "coding expertise"),
)
"""Every estimand, the domain ones first."""

RECOVERIES: Final = tuple(
    Estimand(f"recovery_{name}_difference", "domain_expertise", outcome, "difference", "probability",
             f"{label} of an expert minus novice, among those who would be in trouble at every level")
    for name, outcome, label in (
        ("verified", "verified_success", "verified success"),
        ("success", "true_success", "true success"),
        ("abandonment", "gave_up", "giving up"),
    )
)  # fmt: skip
"""Recovery from trouble, in the principal stratum (`knowntruth.world.truths.principal_strata`)."""

CONTRASTS: Final = tuple(f"{level} vs 1" for level in LEVELS[1:])
"""Each level against novice; ``5 vs 1``, expert against novice, is the headline."""

HEADLINE: Final = CONTRASTS[-1]


def estimand(name: str) -> Estimand:
    """Return the estimand called ``name``.

    Raises
    ------
    InputError
        If there is no such estimand, with the allowed names.

    Examples
    --------
    >>> estimand("activity_ratio").scale
    'ratio'
    """
    return look_up("no estimand", name, {e.name: e for e in (*ESTIMANDS, *RECOVERIES)})
