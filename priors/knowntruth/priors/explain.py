"""Error messages from validation errors: the place, the given value, what is allowed, and what to do."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from knowntruth.common.names import nearest
from knowntruth.priors.distributions import Prior
from knowntruth.priors.tables import Priors


def explain(file: str, error: ValidationError) -> str:
    """Return one line per error in ``file``."""
    return "\n".join(f"{file}: {_sentence(detail)}" for detail in error.errors(include_url=False))


def _sentence(detail: Mapping[str, Any]) -> str:
    """Return the message for one validation error."""
    place = _place(detail)
    where = ".".join(place)
    match detail["type"]:
        case "missing" if len(place) > 2:
            return f"{where} is missing. Add it to the row; a row is replaced whole."
        case "missing":
            return f'{where} is missing. Add it, or set based_on = "weak" to take missing rows from there.'
        case "extra_forbidden":
            return f"{where} = {detail['input']!r} is not known. {_allowed(place[-1], _siblings(place, detail))}"
        case "union_tag_invalid":
            context = detail["ctx"]
            allowed = context["expected_tags"].replace("'", "").split(", ")
            return f"{where}.distribution = {context['tag']!r} does not fit here. {_allowed(context['tag'], allowed)}"
        case "union_tag_not_found":
            return f"{where}.distribution is missing. Add the name of the distribution."
        case _:
            return f"{where} = {detail['input']!r}: {detail['msg'].lower()}. Correct the value."


def _place(detail: Mapping[str, Any]) -> list[str]:
    """Return topic, row and key; the tag that a union puts between row and key is not part of the file's path."""
    parts = [str(part) for part in detail["loc"]]
    has_tag = len(parts) > 2 and parts[2] in _distribution_names()
    return parts[:2] + parts[3:] if has_tag else parts


def _siblings(place: list[str], detail: Mapping[str, Any]) -> list[str]:
    """Return the names that could have stood where an unknown one stands."""
    if len(place) == 1:
        return ["title", "based_on", *(n for n in Priors.model_fields if n not in {"name", "title"})]
    topic = Priors.model_fields[place[0]].annotation
    rows = topic.model_fields if isinstance(topic, type) and issubclass(topic, BaseModel) else {}
    if len(place) == 2:
        return list(rows)
    row = rows[place[1]].annotation
    tag = str(detail["loc"][2])
    kinds = [kind for kind in get_args(row) or (row,) if tag in (place[2], _name(kind))]
    return sorted({name for kind in kinds for name in kind.model_fields})


def _allowed(given: str, allowed: list[str]) -> str:
    """Return the allowed names, and the one nearest to the given name."""
    return f"Allowed: {', '.join(allowed)}{nearest(given, allowed)}"


def _distribution_names() -> set[str]:
    """Return the names of all distributions in the closed list."""
    return {_name(kind) for kind in get_args(Prior)}


def _name(kind: Any) -> str:
    """Return what a row of this kind writes under ``distribution``."""
    return str(get_args(kind.model_fields["distribution"].annotation)[0])
