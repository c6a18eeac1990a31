"""The world: people, their tasks, their sessions with an agent, and what is true of them.

Read in this order: `engine.noise` (keyed random draws), `engine.mechanism` (how one variable is generated),
`mechanisms` (users, tasks, behaviour, course, outcomes), `definition.registry` (the list of all mechanisms),
`definition.world` (a World is a value), `running` (samples people and sessions, runs mechanisms), `graphs` (derived
from the declared parents), `truths` (effects by replaying the same people under ``do``), `invariants` (properties
that every world must have) and `simulate` (one dataset).
"""
