"""The models by name. A new one is a file of its own and a row here."""

from collections.abc import Mapping
from typing import Final

from knowntruth.bayes.models import activity, hidden_confounder, joint, measurement, verified_success
from knowntruth.bayes.models.base import Model
from knowntruth.common.names import look_up

MODELS: Final[Mapping[str, Model]] = {
    row.name: row
    for row in (activity.MODEL, verified_success.MODEL, joint.MODEL, measurement.MODEL, hidden_confounder.MODEL)
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
