"""From a world to columns: sampling of people and sessions, and execution of the mechanisms."""
