"""The smallest and largest true effects over all worlds that reproduce the published figures."""
