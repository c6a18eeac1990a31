"""Largest seeds: for the noise of a world (64 bits), and for libraries that take 32 bits."""

from typing import Final

MAX_SEED: Final = 2**64 - 1
"""The noise of a world takes any seed of 64 bits."""

MAX_SEED_32: Final = 2**32 - 1
"""Samplers take seeds of 32 bits. The command line uses this limit for every command."""
