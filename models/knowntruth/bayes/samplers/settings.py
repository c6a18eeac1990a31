"""How long to sample, and by which sampler."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED_32

Sampler = Literal["nutpie", "surrogate", "laplace", "pymc"]
SamplerChoice = Literal["auto", Sampler]
"""``auto`` chooses by the number of sessions (see `fit`)."""

SAMPLERS: Final[tuple[Sampler, ...]] = get_args(Sampler)
"""Names of the samplers in `samplers`."""

TARGET_ACCEPT: Final = 0.9
"""Share of proposals to accept. At the usual 0.8, spreads that may be near 0 cause divergences."""

MIN_ACCEPT: Final = 0.5
"""Lower values gain nothing, however many the sessions."""


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """How long to sample: ``draws`` kept and ``tune`` discarded in each of ``chains`` chains, from ``seed``.

    ``target_accept`` is the share of proposals to accept: higher is slower, with fewer divergences.
    """

    draws: int
    tune: int
    chains: int
    seed: int
    sampler: Sampler = "nutpie"
    target_accept: float = TARGET_ACCEPT

    def __post_init__(self) -> None:
        """Refuse what no sampler can do."""
        for name, least in (("draws", 4), ("tune", 100), ("chains", 2), ("seed", 0)):
            if getattr(self, name) < least:
                raise InputError(f"{name} = {getattr(self, name)}; allowed: whole numbers from {least}.")
        if self.seed > MAX_SEED_32:
            raise InputError(f"seed = {self.seed}; allowed: whole numbers from 0 to {MAX_SEED_32}.")
        if not MIN_ACCEPT <= self.target_accept < 1.0:
            raise InputError(f"target_accept = {self.target_accept}; allowed: from {MIN_ACCEPT} to below 1.")
        if self.sampler not in SAMPLERS:
            raise InputError(f"sampler = {self.sampler!r}; allowed: {', '.join(SAMPLERS)}.")
