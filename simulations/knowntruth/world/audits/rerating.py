"""Rerating: the same instruments read the same sessions a second time.

The sessions stay the same, and so does the error that all readers of a text share (`rater_noise`); only the reader's
own error is drawn again. The study checked its classifiers in this way against a reference model on a few hundred
sessions, and a measurement-error model can learn from the two readings.

    again = rerate(simulate(load("published"), 40_000, seed=1), 198, seed=1)
    agreement(again)                                    # exact and adjacent, for every label

The second reader may also be better: ``by`` is a world whose instruments read these sessions instead.
"""

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from knowntruth.common.arrays import Ints, Values
from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.observed import observed_columns
from knowntruth.engine.mechanism import MAX_SESSIONS_PER_USER, Mechanism, Parents
from knowntruth.engine.noise import Noise
from knowntruth.instruments.rater_noise import OtherReader
from knowntruth.world.definition.world import World
from knowntruth.world.running.frame import Frame
from knowntruth.world.simulate import Dataset
from knowntruth.world.simulate import dataset as dataset_of

if TYPE_CHECKING:
    import pandas as pd

AGAIN: Final = "_again"
"""Suffix of the columns of the second reading."""

READ: Final = tuple(name for name, column in observed_columns().items() if column.role in ("label", "derived"))
"""The observed columns that are read, not counted."""


def second_reader(world: World, reader: int = 2, by: World | None = None) -> World:
    """Return the world as another reader of the same texts sees it; people, tasks and outcomes stay.

    Reader 1 is the first one. The instruments are those of ``by``, or the world's own.

    Examples
    --------
    >>> world = kt.load_world("published")
    >>> first, second = (kt.simulate(one, 200, seed=1) for one in (world, second_reader(world)))
    >>> first.truth["domain_expertise"].equals(second.truth["domain_expertise"])
    True
    >>> first.observed["rated_expertise"].equals(second.observed["rated_expertise"])
    False
    """
    instruments = {m.name: m for m in (by or world).mechanisms if m.level == "label"}
    mechanisms = tuple(_read_by(instruments.get(m.name, m), reader) for m in world.mechanisms)
    dials = {**world.dials, **{name: (by or world).dials[name] for name in instruments}}
    labels = {output.name for m in instruments.values() for output in m.outputs}
    done = tuple(i for i in world.interventions if i.variable not in labels)
    changed = tuple(i for i in (by or world).interventions if i.variable in labels)
    return dataclasses.replace(world, mechanisms=mechanisms, dials=dials, interventions=done + changed)


def _read_by(m: Mechanism, reader: int) -> Mechanism:
    if m.level != "label" or reader == 1:
        return m

    def rule(dials: object, at: Parents, noise: Noise) -> Values | dict[str, Values]:
        other = OtherReader(noise.seed, noise.stream, noise.users, noise.sessions, reader)
        return m.rule(dials, at, other)  # type: ignore[return-value]

    return dataclasses.replace(m, rule=rule)


def frame_of(session_ids: Ints, seed: int) -> Frame:
    """Return the frame of the sessions with these ids (see `sampling.session_ids`), which must ascend."""
    people, owner = np.unique(session_ids // MAX_SESSIONS_PER_USER, return_inverse=True)
    return Frame(seed, people, owner.astype(np.int64), session_ids % MAX_SESSIONS_PER_USER)


def sample_rows(rows: int, n: int, seed: int) -> Ints:
    """Return ``n`` of ``rows`` row numbers at random without replacement, ascending.

    Raises
    ------
    InputError
        If there are not that many.
    """
    if not 1 <= n <= rows:
        raise InputError(f"n must be from 1 to the number of sessions ({rows:,}), got {n}")
    return np.sort(np.random.default_rng(seed).choice(rows, size=n, replace=False)).astype(np.int64)


def rerate(dataset: Dataset, n: int, *, seed: int, reader: int = 2, by: World | None = None) -> "pd.DataFrame":
    """Return ``n`` sessions drawn at random with every label and a second reading of it.

    Parameters
    ----------
    dataset
        From `simulate`; its rows are the first reading.
    n
        How many sessions are read again; the study had 198 (figures.csv: reference_model_sessions).
    seed
        Seed of the random draw of sessions.
    reader
        Number of the reader: 1 is the first reader, every other number another reader.
    by
        A world whose instruments read; that of the dataset when None. ``world.do(rating="first_prompt_only")`` gives
        the same sessions as a rater of the first prompt sees them.

    Returns
    -------
    One row per session: session_id, user_id, and for each label its name and its name with ``_again``.

    Raises
    ------
    InputError
        If there are not that many sessions.

    Examples
    --------
    >>> pairs = rerate(kt.simulate("published", 200), 50, seed=1)
    >>> len(pairs), "rated_expertise" in pairs
    (50, True)
    """
    first = dataset.observed.take(sample_rows(dataset.observed.num_rows, n, seed)).to_pandas()
    first = first.sort_values("session_id", ignore_index=True)
    frame = frame_of(first["session_id"].to_numpy(), dataset.seed)
    second = dataset_of(second_reader(dataset.world, reader, by), frame).observed.to_pandas()
    again = second[list(READ)].add_suffix(AGAIN)
    return first[["session_id", "user_id", *READ]].join(again)
