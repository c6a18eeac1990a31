"""How many standard errors a 95% interval of a normal estimate reaches to either side."""

from typing import Final

Z_95: Final = 1.959963984540054
"""The 97.5% quantile of the standard normal distribution."""

Z_95_ROUNDED: Final = 1.96
"""The same as it is usually printed, where an interval follows a published rule."""
