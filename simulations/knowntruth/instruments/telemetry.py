"""Telemetry: counts that the product records without reading the text."""

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials, chance
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise


class ToolCalls(Dials):
    """How actions split into model calls and tool calls."""

    share: float = chance("share of actions beyond the first of a prompt that are tool calls")


@mechanism("label", parents=("actions", "prompts"), dials=ToolCalls)
def tool_calls(dials: ToolCalls, at: Parents, noise: Noise) -> Values:
    """Every prompt starts with a model call; of the rest a share are tool calls, with stochastic rounding."""
    return np.floor(dials.share * (at.actions - at.prompts) + noise.uniform()).astype(np.int64)


@mechanism("label", parents=("actions", "tool_calls"))
def model_calls(dials: Dials, at: Parents, noise: Noise) -> Values:
    """The actions that are not tool calls."""
    return at.actions - at.tool_calls


@mechanism("label", parents=("month", "month_joined"))
def account_age_months(dials: Dials, at: Parents, noise: Noise) -> Values:
    """Whole months since the account was opened."""
    return at.month.astype(np.int32) - at.month_joined
