"""The causal graph of a world: derived from its mechanisms, written for other tools, and drawn."""
