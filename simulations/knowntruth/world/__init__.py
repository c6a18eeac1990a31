"""The world: people, their tasks, their sessions with an agent, and what is true of them.

Read the modules in this order: `noise` (luck as a pure function of who and when), `mechanism` (how one variable
comes about), `users`, `tasks`, `behaviour`, `course`, `outcomes` (the mechanisms themselves), `catalogue` (all of
them in causal order), `world` (a World is a value), `frame` (who is sampled), `engine` (runs mechanisms), `graph`
(derived, never typed twice), `truth` (effects by replaying the same people under ``do``), `simulate` (one dataset).
"""
