"""Simulating many worlds that differ in few dials: only what a dial moves is computed again."""
