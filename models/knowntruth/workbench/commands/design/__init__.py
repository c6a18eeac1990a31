"""Commands that compare and plan designs."""
