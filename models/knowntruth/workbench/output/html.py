"""HTML pages from a template and its variables, in the style of the report."""

from importlib import resources
from typing import Any


def render(template: str, **variables: Any) -> str:
    """Return a self-contained page; ``variables`` are those of the template.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for a variable that is not given.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from knowntruth.workbench.output.number_format import number

    environment = Environment(
        loader=PackageLoader("knowntruth.workbench", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["number"] = number
    return environment.get_template(template).render(css=css(), **variables)


def css() -> Any:
    """Return the report's style sheet, for a page."""
    from markupsafe import Markup

    text = resources.files("knowntruth.workbench").joinpath("templates/report.css").read_text(encoding="utf-8")
    return Markup(text)
