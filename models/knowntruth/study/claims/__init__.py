"""The study's headline claims: published, seen, and true."""
