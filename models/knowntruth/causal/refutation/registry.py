"""All refuters in their order. To add one, write one new file with a ``REFUTER`` and add one row here."""

from typing import Final

from knowntruth.causal.refutation import bootstrap, data_subset, dummy_outcome, placebo, random_common_cause

MODULES: Final = (placebo, random_common_cause, data_subset, bootstrap, dummy_outcome)
"""One module per refuter, each with its ``REFUTER``."""

REFUTERS: Final = tuple(module.REFUTER for module in MODULES)
