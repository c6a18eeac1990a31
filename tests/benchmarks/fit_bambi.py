"""The models as one writes them in Bambi, a row a session, as near to ours as a formula comes.

Bambi has no monotone effect of five levels and no trait that two outcomes share. So the sessions that it is given are
those of novices and experts alone, whose difference is one number, ``effect``: of our four steps between the levels
only the sum is then seen. Groups are normal about the intercept instead of summing to zero, which is the same prior
of their differences; the mean of the groups, which the sessions do not tell from the intercept, is in none of the
numbers that are compared. Bambi is imported where it is used, for it is not among our own packages.
"""

from typing import Any

import pandas as pd

from knowntruth.bayes.priors.distributions import ARGUMENTS
from knowntruth.bayes.rows.model_frame import ModelFrame
from knowntruth.bayes.rows.outcomes import ACTIVITY, VERIFIED
from knowntruth.priors.tables import Priors


def bambi_model(name: str, design: ModelFrame, priors: Priors) -> Any:
    """Return the PyMC model ``activity`` or ``verified_success`` that Bambi makes."""
    import bambi

    outcome = {row.name: row for row in (ACTIVITY, VERIFIED)}[name]
    own = getattr(priors, name)
    frame = pd.DataFrame({
        "outcome": outcome.values(design), "expert": (design.levels[0] > 0).astype(float), "user": design.user,
        **dict(zip(design.layout.groups, design.groups, strict=True)),
    })  # fmt: skip
    chosen = {"Intercept": stated(own.intercept), "expert": stated(own.effect)}
    chosen |= {f"1|{group}": normal(own.group_scale) for group in design.layout.groups}
    if outcome is ACTIVITY:
        chosen |= {"1|user": normal(own.user_scale), "sigma": stated(own.session_scale)}
    formula = "outcome ~ expert + " + " + ".join(f"({term})" for term in chosen if "|" in term)
    family = "gaussian" if outcome is ACTIVITY else "bernoulli"
    model = bambi.Model(
        formula, frame, family=family, priors=chosen, categorical=[*design.layout.groups, "user"]
    )  # fmt: skip
    model.build()
    return model.backend.model


def stated(prior: Any) -> Any:
    """Return a row of the priors as Bambi has it."""
    import bambi

    name, arguments = ARGUMENTS[type(prior)]
    return bambi.Prior(name, **arguments(prior))


def normal(scale: Any) -> Any:
    """Return the prior of groups with this prior of their spread."""
    import bambi

    return bambi.Prior("Normal", mu=0.0, sigma=stated(scale))
