"""Over all worlds that reproduce the published figures: the smallest and largest true effects."""
