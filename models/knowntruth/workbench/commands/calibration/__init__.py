"""Commands that hold worlds against the published figures."""
