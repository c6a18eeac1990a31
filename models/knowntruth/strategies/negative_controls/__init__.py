"""Strategies that use what expertise cannot move."""
