"""From a world to columns: which people and sessions are drawn, and the mechanisms run on them."""
