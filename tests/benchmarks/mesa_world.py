"""The world once more, as agents in Mesa: the same people, tasks and behaviour in plain Python.

A second telling by other means, kept for two reasons: its outcomes must equal the simulator's in distribution
(``test_mesa_world.py``), and its speed is what the simulator is measured against (``beside_mesa.py``). It shares
with the simulator the numbers of a world and the lists of categories; generator, formulas and loop are its own.

One step of the model is the study's window, in which every person lives all their sessions (``mesa_session``). Each
session that the study takes becomes one row of a Mesa `DataCollector` table.
"""

import math
from itertools import accumulate
from typing import Any

import mesa
import pandas as pd
from mesa_numbers import Numbers, level_of, numbers
from mesa_session import Session

from knowntruth.datasets.schema.categories import MONTHS, OCCUPATIONS
from knowntruth.world.definition.world import World

EARLIEST_JOIN = -6
"""Accounts older than half a year before the window count as that old."""


class Person(mesa.Agent):
    """Someone with traits of their own, who comes back for as many sessions as their activity says."""

    def __init__(self, model: "MesaWorld") -> None:
        super().__init__(model)
        dials, random = model.numbers, model.random
        gauss = random.gauss

        self.ability = ability = gauss()
        self.patience = gauss()
        self.encouraged = random.random() < dials.encouraged.share
        self.release_wave = 2 if random.random() < dials.release_wave.late_share else 1
        self.month_joined = random.choices(model.months, cum_weights=model.month_ladder)[0]
        self.tenure = dials.tenure.median_years * math.exp(dials.tenure.spread * gauss())
        self.occupation = self.choose_occupation(dials.occupation)

        expected = dials.coding_expected
        self.coding_expected = expected.by_occupation[self.occupation] + expected.by_ability * ability
        self.coding_score = self.coding_expected + dials.coding_level.spread * gauss()
        self.coding_expertise = level_of(self.coding_score, dials.coding_level.cuts)

        breadth = dials.domain_breadth
        learnt = breadth.by_ability * ability + breadth.by_tenure * math.log2(self.tenure / 10)
        self.domain_breadth = learnt + breadth.spread * gauss()
        confirms = dials.confirming_habit
        self.confirming_habit = confirms.by_occupation[self.occupation] + confirms.spread * gauss()
        verifies = dials.verifying_habit
        trained = verifies.by_ability * ability + verifies.by_coding[self.coding_expertise - 1]
        self.verifying_habit = trained + verifies.spread * gauss()
        self.activity = self.choose_activity(dials.activity)

    def choose_occupation(self, dials: Numbers) -> int:
        """Newcomers and able people are drawn to other groups."""
        joined, ability = self.month_joined, self.ability
        weights = [
            math.exp(base + growth * joined + pull * ability)
            for base, growth, pull in zip(dials.base, dials.growth, dials.by_ability, strict=True)
        ]
        return self.random.choices(range(len(OCCUPATIONS)), weights)[0]

    def choose_activity(self, dials: Numbers) -> int:
        """Most people come once, a few very often."""
        rate = dials.mean_more * math.exp(dials.spread * self.random.gauss() - 0.5 * dials.spread**2)
        return 1 + min(int(self.rng.poisson(min(rate, 600.0))), 4094)

    def step(self) -> None:
        """Live the window: one session after another, of which the study draws some at random."""
        for _ in range(self.activity):
            if self.random.random() >= self.model.numbers.drawn.share:
                continue
            session = Session(self)
            if session.interactive:
                session.happen()
                self.model.record(self, session)


TRAITS = (
    "ability", "month_joined", "tenure", "occupation", "coding_expected", "coding_score", "coding_expertise",
    "domain_breadth", "patience", "confirming_habit", "verifying_habit", "encouraged", "release_wave", "activity",
)  # fmt: skip
"""What a row says of its person."""


class MesaWorld(mesa.Model):
    """A world's people as Mesa agents, with Mesa's own random generators.

    Parameters
    ----------
    world
        Whose dials to live by; interventions are not followed.
    people
        How many agents there are; some of them never come to an interactive session.
    seed
        Of Mesa's generators.
    """

    def __init__(self, world: World, people: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.numbers = numbers(world)
        self.months = range(EARLIEST_JOIN, len(MONTHS))
        self.month_ladder = self.sign_ups()
        self.datacollector = mesa.DataCollector(tables={"sessions": ["user_id", *TRAITS, *Session.RECORDED]})
        Person.create_agents(self, people)

    def sign_ups(self) -> list[float]:
        """Return the cumulative weights of the months of joining: early adopters, then exponential growth."""
        dials = self.numbers.month_joined
        later = [math.exp(dials.growth * month) for month in self.months[1:]]
        early = sum(later) * dials.early_share / (1.0 - dials.early_share)
        return list(accumulate([early, *later]))

    def step(self) -> None:
        """Let everyone live the window."""
        self.agents.shuffle_do("step")

    def record(self, person: Person, session: Session) -> None:
        """Keep a session as one row."""
        row: dict[str, Any] = {"user_id": person.unique_id, **vars(person), **vars(session)}
        self.datacollector.add_table_row("sessions", row)

    def sessions(self) -> pd.DataFrame:
        """Return all recorded sessions, a row each; categories as positions in their lists."""
        return self.datacollector.get_table_dataframe("sessions")
