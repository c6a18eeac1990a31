"""One identification strategy a file: its assumptions, the columns it needs, and one function to an estimate."""
