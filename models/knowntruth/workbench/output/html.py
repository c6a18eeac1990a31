"""Pages of HTML from a template and what it shows, in the look of the report."""

from importlib import resources
from typing import Any


def render(template: str, **shown: Any) -> str:
    """Return a page that needs nothing else; ``shown`` are the template's variables.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a variable that is not there.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from knowntruth.workbench.output.number_format import number

    environment = Environment(
        loader=PackageLoader("knowntruth.workbench", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["number"] = number
    return environment.get_template(template).render(css=css(), **shown)


def css() -> Any:
    """Return the report's style sheet, to be put in a page as it is."""
    from markupsafe import Markup

    text = resources.files("knowntruth.workbench").joinpath("templates/report.css").read_text(encoding="utf-8")
    return Markup(text)
