"""The widgets of the panel: dials on one side, views on the other. Other modules compute what they show.

A move of a dial updates contrasts and figure at once. Ledger and checks take longer: they are computed in a separate
thread when no dial moves, and cancelled as soon as one moves again. Without a kernel a notebook shows the last
pictures.
"""

import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import ipywidgets as widgets

from knowntruth.bayes.samplers.threads import single_threaded
from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED_32
from knowntruth.workbench.panel.drawing import cards, static
from knowntruth.workbench.panel.state import export, sweep
from knowntruth.workbench.panel.state.dials import DIALS, SAMPLE_SIZE, Dial, Size
from knowntruth.workbench.panel.state.headline import Contrasts
from knowntruth.workbench.panel.state.ledger import Superseded, compute_ledger
from knowntruth.workbench.panel.state.quick_checks import quick_checks
from knowntruth.workbench.panel.state.sample import draw_sample
from knowntruth.workbench.panel.state.setting import Setting
from knowntruth.world.definition.world import names

if TYPE_CHECKING:
    import pandas as pd

REST_SECONDS: Final = 0.3
"""Seconds without a move before the slow views are computed."""


FULL_WIDTH: Final = {"width": "100%"}


class Board:
    """The panel on one setting. ``setting`` is the current setting, ``contrasts`` the numbers of the fast views."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.contrasts: Contrasts | None = None
        self._moves, self._setting_up, self._timer = 0, False, threading.Timer(0, lambda: None)
        self._make_dials()
        self._make_export()
        self.headline, self.ledger, self.checks, self.code = (widgets.HTML(layout=FULL_WIDTH) for _ in range(4))
        self.widget = self._arrange()
        self._update()
        self._update_slow_views(self._moves)

    def _repr_mimebundle_(self, **wanted: Any) -> dict[str, Any]:
        """Show the widgets where there is a kernel, else the pictures."""
        bundle: dict[str, Any] = dict(self.widget._repr_mimebundle_(**wanted) or {})
        if self.contrasts is not None:
            picture = b64encode(static.png(self.contrasts)).decode("ascii")
            bundle |= {"image/png": picture, "text/plain": static.alt(self.contrasts)}
        return bundle

    @property
    def threats(self) -> "pd.DataFrame":
        """One row per dial: dial, unit, meaning, low, high, and the world's dials that it changes."""
        return sweep.threats()

    def sweep(self, points: int = sweep.POINTS) -> "pd.DataFrame":
        """Return the slope that the study would see at ``points`` positions of each dial, the others unchanged."""
        return sweep.sweep(self.setting, points)

    def world_text(self, **positions: float) -> str:
        """Return the TOML of the world with dials at these positions, such as ``halo=0.3``."""
        setting = self.setting
        for name, position in positions.items():
            setting = setting.moved(name, position)
        return export.world_text(setting)

    def rest(self) -> None:
        """Wait until the slow views have followed the last move."""
        self._timer.join()

    def _make_dials(self) -> None:
        seed = widgets.BoundedIntText(self.setting.seed, min=0, max=MAX_SEED_32, layout={"width": "100px"})
        presets = list(names())
        if self.setting.preset not in presets:
            presets.insert(0, self.setting.preset)
        self.preset = widgets.Dropdown(options=presets, value=self.setting.preset, layout=FULL_WIDTH)
        self.dials = {each.name: self._slider(each) for each in DIALS}
        sizes = sorted({*SAMPLE_SIZE.choices, self.setting.sessions})
        options = [(f"{size:,}", size) for size in sizes]
        self.sessions = widgets.SelectionSlider(options=options, value=self.setting.sessions, layout=FULL_WIDTH)
        self.seed = seed
        self.back = widgets.Button(description="Back to the preset", tooltip="Reset every dial to the preset")
        self._follow(self.preset, lambda name: Setting(name, {}, self.setting.sessions, self.setting.seed))
        self._follow(self.sessions, lambda n: self._with(sessions=n))
        self._follow(self.seed, lambda number: self._with(seed=number))
        self.back.on_click(lambda _: self._show(self._with(positions={})))

    def _slider(self, dial: Dial) -> Any:
        at = self.setting.position(dial.name)
        slider = widgets.FloatSlider(
            at, min=min(dial.low, at), max=max(dial.high, at), step=dial.step, readout_format=".2f",
            layout=FULL_WIDTH,
            disabled=not dial.acts(self.setting.base), tooltip=dial.meaning,
        )  # fmt: skip
        slider.add_class(f"kt-{dial.name}")
        self._follow(slider, lambda position: self.setting.moved(dial.name, position))
        return slider

    def _follow(self, control: Any, setting: Callable[[Any], Setting]) -> None:
        """Show a new setting whenever the user changes a control."""

        def changed(change: dict[str, Any]) -> None:
            if not self._setting_up:
                self._show(setting(change["new"]))

        control.observe(changed, names="value")

    def _with(self, **changes: Any) -> Setting:
        return replace(self.setting, **changes)

    def _show(self, setting: Setting) -> None:
        """Show another setting: the fast views at once, the others when no dial moves."""
        self._moves += 1
        self._timer.cancel()
        self.setting = setting
        self._place_dials()
        self._update()
        self._timer = threading.Timer(REST_SECONDS, self._update_slow_views, (self._moves,))
        self._timer.daemon = True
        self._timer.start()

    def _place_dials(self) -> None:
        """Set every dial to the position of the setting."""
        self._setting_up = True
        try:
            for each in DIALS:
                slider, at = self.dials[each.name], self.setting.position(each.name)
                slider.min, slider.max = min(each.low, at), max(each.high, at)
                slider.value, slider.disabled = at, not each.acts(self.setting.base)
        finally:
            self._setting_up = False

    @single_threaded  # for sums this short, linear algebra in several threads takes several times as long
    def _update(self) -> None:
        """Update the fast views."""
        try:
            self.contrasts = Contrasts(draw_sample(self.setting.world, self.setting.sessions, self.setting.seed))
            self.headline.value = cards.headline(self.contrasts)
            self.code.value = cards.code(export.code(self.setting))
            self.description.value = cards.message(export.describe(self.setting))
        except InputError as error:
            self.contrasts = None
            self.headline.value = cards.problem(str(error))

    @single_threaded
    def _update_slow_views(self, move: int) -> None:
        """Update ledger and checks, unless a dial has moved since ``move``."""
        contrasts, setting = self.contrasts, self.setting
        if contrasts is None or move != self._moves:
            return
        try:
            checks = cards.checks(quick_checks(contrasts))
            made = compute_ledger(setting, lambda: move != self._moves)
            ledger = cards.ledger(made, setting.sessions)
        except Superseded:
            return
        except InputError as error:
            checks = ledger = cards.problem(str(error))
        if move == self._moves:
            self.checks.value, self.ledger.value = checks, ledger

    def _make_export(self) -> None:
        self.name = widgets.Text("my_world", description="file", layout={"width": "230px"})
        self.over = widgets.Checkbox(description="replace", indent=False, layout={"width": "90px"})
        self.save = widgets.Button(description="Save as world", icon="save", tooltip="Write the world as a TOML file")
        self.saved, self.description = widgets.HTML(layout=FULL_WIDTH), widgets.HTML(layout=FULL_WIDTH)
        self.save.on_click(self._save)

    def _save(self, _: object = None) -> None:
        try:
            path = export.save(self.setting, self.name.value, replace=self.over.value)
            self.saved.value = cards.message(f"Wrote {path}. Try: knowntruth study --world {path}")
        except InputError as error:
            self.saved.value = cards.message(str(error), alarm=True)

    def _arrange(self) -> Any:
        label = cards.label
        rows = [widgets.HTML(label("Preset", "", "A named world to start from."), layout=FULL_WIDTH), self.preset]
        for each in DIALS:
            rows += [_label(each), self.dials[each.name]]
        rows += [_label(SAMPLE_SIZE), self.sessions,
                 widgets.HBox([widgets.HTML(label("Seed", "", "Random seed.")), self.seed, self.back])]  # fmt: skip
        export_row = widgets.HBox([self.name, self.over, self.save], layout={"flex_flow": "row wrap"})
        dials = widgets.VBox(
            [*rows, self.description, export_row, self.saved, self.code], layout={"flex": "1 1 280px"}
        )
        views = widgets.VBox(
            [self.headline, self.ledger, self.checks], layout={"flex": "3 1 330px", "min_width": "0"}
        )
        board = widgets.HBox([dials, views], layout={"flex_flow": "row wrap", "width": "100%"})
        board.add_class("kt-board")
        return board


def _label(dial: Dial | Size) -> Any:
    return widgets.HTML(cards.label(dial.label, dial.unit, dial.meaning), layout=FULL_WIDTH)
