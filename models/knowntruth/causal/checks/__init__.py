"""The checks in their order, each a row with a verdict."""
