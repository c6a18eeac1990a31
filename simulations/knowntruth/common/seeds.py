"""The largest seeds: of a world's noise, and of the libraries that take 32 bits."""

from typing import Final

MAX_SEED: Final = 2**64 - 1
"""The noise of a world takes any seed of 64 bits."""

MAX_SEED_32: Final = 2**32 - 1
"""Samplers take seeds of 32 bits, and so does the command line, where every command takes the same."""
