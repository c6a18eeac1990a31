"""A validation sample: ratings and true values of a few sessions.

In a real study such a sample costs money: somebody must find out what the people know. A measurement-error correction
estimates the confusion matrix of the rater from it. The analysis receives the table as data, without the world.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from knowntruth.common.names import look_up
from knowntruth.world.audits.rerating import sample_rows
from knowntruth.world.definition.registry import variables
from knowntruth.world.simulate import Dataset

if TYPE_CHECKING:
    import pandas as pd


def validation_sample(
    dataset: Dataset, n: int, *, seed: int, labels: Iterable[str] = ("rated_expertise",)
) -> "pd.DataFrame":
    """Return ``n`` sessions drawn at random with each label and the true variable that it measures.

    Parameters
    ----------
    dataset
        From `simulate`.
    n
        How many sessions are validated.
    seed
        Seed of the random draw of sessions.
    labels
        Which labels: ``rated_expertise`` comes with ``domain_expertise``, ``mode`` with ``intended_mode``, etc.

    Returns
    -------
    One row per session in the order of the dataset: session_id, user_id, then for each label the label (missing if
    the rater says Unclear) and the true variable under its own name.

    Raises
    ------
    InputError
        If there are not that many sessions, or a label measures nothing.

    Examples
    --------
    >>> list(validation_sample(kt.simulate("published", 200), 50, seed=1))
    ['session_id', 'user_id', 'rated_expertise', 'domain_expertise']
    """
    known = {name: v.measures for name, v in variables(dataset.world.mechanisms).items() if v.observed and v.measures}
    wanted = tuple(labels)
    for label in wanted:
        look_up("no label that measures something is called", label, known)
    rows = sample_rows(dataset.observed.num_rows, n, seed)
    seen = dataset.observed.select(["session_id", "user_id", *dict.fromkeys(wanted)]).take(rows).to_pandas()
    measured = dict.fromkeys(known[label] for label in wanted)
    true = dataset.truth.select(list(measured)).take(rows).to_pandas()
    pairs = [column for label in wanted for column in (label, known[label])]
    return seen.join(true)[["session_id", "user_id", *dict.fromkeys(pairs)]]
