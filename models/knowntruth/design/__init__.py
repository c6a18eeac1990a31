"""Worlds, strategies and replicates: what each way of asking makes of each truth."""
