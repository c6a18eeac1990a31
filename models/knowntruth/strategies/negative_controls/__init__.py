"""Strategies that use variables on which expertise has no effect."""
