"""The models by name. A new one is a file of its own and a row here."""

from collections.abc import Mapping
from typing import Final

from knowntruth.bayes import activity, bias, joint, measurement, verified
from knowntruth.bayes.model import Model
from knowntruth.datasets.lookup import look_up

MODELS: Final[Mapping[str, Model]] = {
    row.name: row for row in (activity.MODEL, verified.MODEL, joint.MODEL, measurement.MODEL, bias.MODEL)
}


def model(name: str) -> Model:
    """Return the model called ``name``.

    Raises
    ------
    InputError
        With the allowed names, if there is none of that name.

    Examples
    --------
    >>> model("joint").says
    'expertise moves both outcomes; what users bring to each is correlated'
    """
    return look_up("there is no model", name, MODELS)
