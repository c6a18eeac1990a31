"""Two more refuters: draw the rows anew, and put noise in the place of the outcome.

| test | what is changed | null | what it cannot see |
|---|---|---|---|
| bootstrap | rows drawn with replacement | the estimate scatters as its standard error says | hidden causes; users |
| dummy outcome | the outcome is noise | the new effect is zero | hidden causes: they do not move noise |

DoWhy's bootstrap adds noise to the covariates by default, which moves a sound estimate too, so that it has no null;
here it adds none. Its dummy outcome is asked for noise alone. Both draw from the global state, which is fenced.
"""

from typing import Final

import numpy as np

from knowntruth.causal import dowhy_guard
from knowntruth.causal.check import Check
from knowntruth.causal.estimation.regression import Fit
from knowntruth.causal.refutation.refute import (
    FALSE_ALARMS,
    Asked,
    Drawn,
    check,
    judge_placebo,
    judge_scatter,
    simulate,
)
from knowntruth.common.arrays import Floats

BOOTSTRAP: Final = Asked(
    "bootstrap",
    "Does the estimate scatter over redrawn rows as its standard error says?",
    "estimates on redrawn rows scatter about the whole one with its standard error",
    "alarm if centre or spread is more than that, or if nothing moves at all",
    FALSE_ALARMS,
)
DUMMY: Final = Asked(
    "dummy outcome",
    "Does the effect vanish when the outcome is replaced by noise?",
    "the treatment does nothing to noise",
    "alarm if the mean effect on noise differs from 0",
    FALSE_ALARMS,
)


def bootstrap(fit: Fit, seed: int, simulations: int) -> Check:
    """Estimate on rows drawn with replacement: centre and spread should be those of sampling."""
    from dowhy.causal_refuters import refute_bootstrap

    effects = simulate(refute_bootstrap, fit, dowhy_guard.stream_seeds(seed, "bootstrap", simulations), noise=0.0)
    return check(BOOTSTRAP, fit, judge_bootstrap(effects, fit))


def judge_bootstrap(effects: Floats, fit: Fit) -> Drawn:
    """Test centre and spread; estimates that never move were not made anew."""
    drawn = judge_scatter(effects, fit, fit.row_error)
    if np.ptp(effects) == 0:
        return Drawn(effects, "alarm", drawn.lower, drawn.upper, "nothing moved: the estimate was not made anew")
    return drawn


def dummy_outcome(fit: Fit, seed: int, simulations: int) -> Check:
    """Put standard normal noise in the place of the outcome: nothing should be left of the effect."""
    from dowhy.causal_refuters import refute_dummy_outcome

    effects = []
    for one in dowhy_guard.stream_seeds(seed, "dummy outcome", simulations):
        with dowhy_guard.quietly(one):
            found = refute_dummy_outcome(
                fit.frame.copy(),
                fit.estimand,
                fit.estimate,
                treatment_name=[fit.treatment],
                outcome_name=fit.outcome,
                required_variables=True,
                num_simulations=1,
            )
        effects.append(float(found[0].new_effect))
    drawn = judge_placebo(np.array(effects))
    note = "in standard deviations of the noise; cannot see hidden causes: they do not move noise"
    return check(DUMMY, fit, Drawn(drawn.effects, drawn.verdict, drawn.lower, drawn.upper, note))
