"""The mechanisms of the world, by what they are about: people, tasks, behaviour, sessions, outcomes."""
