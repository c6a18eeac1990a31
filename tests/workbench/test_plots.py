"""The pictures: every one drawn, the same bytes again, with words, and with the arrows that the world has."""

from dataclasses import replace
from io import BytesIO

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from knowntruth.workbench.plots import gallery
from knowntruth.workbench.plots.causal import contour
from knowntruth.workbench.plots.common import series, style
from knowntruth.workbench.plots.study import slopes
from knowntruth.workbench.results.study_results import Residual


@pytest.fixture(scope="module")
def pictures(drawn) -> list[gallery.Picture]:
    return [picture for section in drawn.values() for picture in section]


def test_every_sketch_is_drawn_and_told(pictures):
    assert [p.name for p in pictures] == [sketch.name for sketch in gallery.SKETCHES]
    for picture in pictures:
        image = Image.open(BytesIO(picture.png))
        assert image.size == (picture.width, picture.height)
        assert len(np.unique(np.asarray(image.convert("L")))) > 50  # something is on it
        assert len(picture.alt) > 40
        assert "nan" not in picture.alt


def test_the_same_results_give_the_same_bytes_and_leave_matplotlib_as_it_was(results, pictures):
    before = dict(mpl.rcParams)
    again = [picture for section in gallery.draw(results).values() for picture in section]
    assert [p.png for p in again] == [p.png for p in pictures]
    assert dict(mpl.rcParams) == before
    assert all(b"Software" not in p.png for p in pictures)


def test_other_results_give_other_pictures(results, pictures):
    dose = results.dose.assign(value=results.dose["value"] * 1.1)
    changed = gallery.picture(gallery.SKETCHES[1], replace(results, dose=dose))
    assert changed.png != pictures[1].png
    assert changed.alt != pictures[1].alt


def test_series_are_those_of_the_tables(results):
    seen, published = series.seen_verified(results), series.published_verified(results)
    assert list(seen.x) == list(published.x) == [1, 2, 3, 4, 5]
    assert list(published.y) == [14.5, 20.9, 28.3, 29.5, 32.9]
    assert list(series.published_actions(results).x) == [1, 5]
    assert series.published_slopes(results).y[0] == pytest.approx(4.26)
    true = series.true_dose(results, "actions_per_prompt")
    assert list(true.x) == [1, 2, 3, 4, 5]
    assert (np.diff(true.y) > 0).all()  # in the published world every level acts
    assert slopes.true_slope(results)[0] > 0


def test_the_planted_cause_is_seen_through_any_name():
    """Covariates on top of it move their names, not its mark."""
    shares = np.linspace(0, 0.2, 5)
    x, y = (side.ravel() for side in np.meshgrid(shares, shares))
    left = 0.05 - x - y
    surface = pd.DataFrame({"outcome": "verified_success", "with_treatment": x, "with_outcome": y, "value": left,
                            "lower": left - 0.01, "upper": left + 0.01})  # fmt: skip
    named = {"outcome": "verified_success", "with_treatment": [0.03, 0.0, 0.0], "with_outcome": [0.002, 0.0, 0.001]}
    points = pd.DataFrame(
        {**named, "kind": ["planted", "benchmark", "benchmark"], "name": ["a", "model_gen", "month"]}
    )
    seen = [orange(contour.png(Residual(surface, points.head(count), None))) for count in (1, 3)]
    assert seen[1] > 0.9 * seen[0] > 0


def orange(png) -> int:
    """Pixels in the colour of what is true; nothing else has it but the key."""
    wanted = np.array([round(255 * part) for part in mpl.colors.to_rgb(style.TRUE.color)])
    pixels = np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)
    return int((np.abs(pixels - wanted).max(axis=2) < 8).sum())
