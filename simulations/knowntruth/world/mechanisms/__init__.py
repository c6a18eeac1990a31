"""The mechanisms of the world, by topic: people, tasks, behaviour, sessions, outcomes."""
