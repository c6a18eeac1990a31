"""Worlds that fit the published figures: one of them found, and the bounds over all."""
