"""Normal quantiles for 95% intervals: standard errors to either side of an estimate."""

from typing import Final

Z_95: Final = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution."""

Z_95_ROUNDED: Final = 1.96
"""The usual rounded value, for intervals that follow a published rule."""
