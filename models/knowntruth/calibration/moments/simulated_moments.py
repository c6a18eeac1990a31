"""The simulated counterpart of every published figure that may be fitted or predicted, from `MomentColumns`.

The numbers equal those of `knowntruth.study.tables.registry` without their errors, about thirty times as fast
(tested). Each function below computes the figures of one published table or sentence, by key of ``figures.csv``.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from knowntruth.calibration.moments import cell_sums
from knowntruth.calibration.simulation.moment_columns import (
    SIZES,
    SOFTWARE_CODE,
    UNCLEAR_CODE,
    UNRATED,
    MomentColumns,
)
from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import LEVEL_NAMES, MODES, OCCUPATIONS
from knowntruth.study.estimation import cells
from knowntruth.study.figures import by_key, figure
from knowntruth.study.tables import figure_3, figure_5, figure_6
from knowntruth.study.tables.figure_4 import WRITING_AND_ANALYSIS
from knowntruth.study.tables.occupations import RANKED
from knowntruth.study.tables.sample import LONG_TAIL
from knowntruth.study.tables.table_a1 import SPECIFICATIONS

KeyedValues = Iterator[tuple[str, float]]

LAST_MONTH: Final = SIZES["month"] - 1


def simulated_moments(sample: MomentColumns) -> dict[str, float]:
    """Return the value of every usable figure in its own unit, NaN where the sample is too small for it."""
    rated = sample.take(sample["clear_goal"] & (sample["rated_expertise"] != UNRATED))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = [dict(each(sample)) for each in OF_ALL] + [dict(each(rated)) for each in OF_RATED]
        found.append(dict(_sessions(sample, rated)))
    numbers = {key: value for part in found for key, value in part.items()}
    return {key: numbers[key] for key, published in by_key().items() if key in numbers and published.usable}


def mean(values: Values) -> float:
    """Return the mean, NaN without values."""
    return float(np.mean(values)) if len(values) else float("nan")


def _sample(sample: MomentColumns) -> KeyedValues:
    yield "no_clear_goal_share", 100 * mean(~sample["clear_goal"])
    yield "occupation_unclear_share", 100 * mean(sample["user_occupation"] == UNCLEAR_CODE)
    yield "turns_per_session", mean(sample["prompts"])
    yield "actions_per_prompt_mean", mean(sample["actions_per_prompt"])
    yield "words_per_turn_mean", mean(sample["words_per_prompt"])
    yield "share_sessions_over_100_actions", 100 * mean(sample["actions_per_prompt"] > LONG_TAIL)
    for kind in ("planning", "execution"):
        share = sample[f"{kind}_share_user"]
        yield f"user_share_{kind}_decisions", 100 * mean(share[~np.isnan(share)])


def _users(sample: MomentColumns) -> KeyedValues:
    each = np.diff(np.flatnonzero(np.diff(sample.user, prepend=-1, append=-1)))
    everyone = figure("n_users_exact").value
    yield "n_users_more_than_1_session", everyone * mean(each > 1)
    yield "n_users_more_than_5_sessions", everyone * mean(each > 5)


def _modes(sample: MomentColumns) -> KeyedValues:
    by_month = np.bincount(
        sample["mode"] + len(MODES) * sample["month"].astype(np.int64), minlength=len(MODES) * SIZES["month"]
    ).reshape(-1, len(MODES))
    spans = {"": by_month.sum(axis=0), "_oct": by_month[0], "_apr": by_month[LAST_MONTH]}
    for span, counts in spans.items():
        share = 100 * counts / counts.sum()
        yield from ((f"mode_share_{mode}{span}", share[k]) for k, mode in enumerate(MODES))
        yield f"mode_share_writing_plus_analysis{span}", sum(share[MODES.index(m)] for m in WRITING_AND_ANALYSIS)


def _value_growth(sample: MomentColumns) -> KeyedValues:
    group = np.where(sample["month"] == 0, 0, np.where(sample["month"] == LAST_MONTH, 1, 2)) * len(MODES)
    code, price = group + sample["mode"], sample["price_usd"]
    sums, counts = (
        np.bincount(code, weights=w, minlength=3 * len(MODES)).reshape(3, -1) for w in (price, np.ones(len(sample)))
    )
    first, last = sums[:2] / counts[:2]
    yield "value_growth_all_body", 100 * (sums[1].sum() / counts[1].sum() / (sums[0].sum() / counts[0].sum()) - 1)
    yield from ((f"value_growth_{mode}", 100 * (last[k] / first[k] - 1)) for k, mode in enumerate(MODES))


def _activity(sample: MomentColumns) -> KeyedValues:
    rated = sample.take(sample["rated_expertise"] != UNRATED)
    rating = rated["rated_expertise"]
    for what in ("actions", "words"):
        measure = rated[f"{what}_per_prompt"]
        logs = np.log(np.where(measure > 0, measure, 1.0))
        sums, counts = (
            np.bincount(rating, weights=w, minlength=6)[1:] for w in (logs, (measure > 0).astype(np.float64))
        )
        for name, value in zip(LEVEL_NAMES, np.exp(sums / counts), strict=True):
            yield f"{what}_per_prompt_{name}_fig3", float(value)
            yield f"{what}_per_prompt_{name}", float(value)
    speaking = rated.take(rated["words_per_prompt"] > 0)
    within = cell_sums.cross_cells(speaking, figure_3.CONTROLS, cells.min_users_per_cell(len(speaking)))
    found, _ = cell_sums.slope_within_cells(
        within, np.log(speaking["actions_per_prompt"]), speaking["rated_expertise"]
    )
    yield "actions_per_level_adjusted", 100 * (np.exp(found) - 1)


def _signals(sample: MomentColumns) -> KeyedValues:
    for kind in ("success", "failure"):
        strongest = sample["outcome"][sample[f"{kind}_signal"] == 5]
        yield f"p_succeeded_{kind}_signal_5", 100 * mean(strongest == 0)


def _occupations(sample: MomentColumns) -> KeyedValues:
    known = sample["clear_goal"] & (sample["user_occupation"] != UNCLEAR_CODE)
    verified, occupation = sample["verified_success"], sample["user_occupation"]
    for where, kept in {"all": known, "code": known & sample["code_producing"]}.items():
        for who, these in {"software": occupation == SOFTWARE_CODE, "other": occupation != SOFTWARE_CODE}.items():
            yield f"verified_success_{who}_{where}", 100 * mean(verified[kept & these])
    code = sample.take(known & sample["code_producing"])
    for group in figure_6.GROUPS:
        there = code["user_occupation"] == OCCUPATIONS.index(group)
        for measure, column in figure_6.MEASURES.items():
            share = 100 * mean(code[column][there])
            yield f"fig6_{measure}_{group}", share
            yield f"fig6_{measure}_{group}_reading_a", share


def _ranks(sample: MomentColumns) -> KeyedValues:
    counts = np.bincount(sample["user_occupation"], minlength=UNCLEAR_CODE + 1)[:UNCLEAR_CODE]
    ordered = sorted(range(UNCLEAR_CODE), key=lambda k: -counts[k])
    for place, group in enumerate(RANKED, 1):
        yield f"occupation_rank_{place}", ordered.index(OCCUPATIONS.index(group)) + 1.0


def _sessions(sample: MomentColumns, rated: MomentColumns) -> KeyedValues:
    yield "a1_sessions_col1", figure("n_sessions_exact").value * len(rated) / len(sample)


def _table_a1(rated: MomentColumns) -> KeyedValues:
    logs = {"log_model_calls": np.log(rated["model_calls"]), "log_prompts": np.log(rated["prompts"])}
    for column in SPECIFICATIONS:
        if f"a1_coef_col{column.number}" not in by_key():
            continue
        within = cell_sums.cross_cells(rated, column.controls, cells.min_users_per_cell(len(rated)))
        others = [logs[name] for name in column.covariates]
        found, r_squared = cell_sums.slope_within_cells(
            within, rated["verified_success"], rated["rated_expertise"], *others
        )
        yield f"a1_coef_col{column.number}", found
        yield f"a1_r2_col{column.number}", r_squared


def _table_a2(rated: MomentColumns) -> KeyedValues:
    verified = np.bincount(rated["rated_expertise"], weights=rated["verified_success"], minlength=6)[1:]
    counts = np.bincount(rated["rated_expertise"], minlength=6)[1:]
    for name, rate, share in zip(LEVEL_NAMES, verified / counts, counts / counts.sum(), strict=True):
        yield f"verified_success_raw_{name}", 100 * float(rate)
        yield f"derived_share_{name}", 100 * float(share)


def _adjusted(rated: MomentColumns) -> KeyedValues:
    needed = cells.min_users_per_cell(len(rated))
    everyone = cell_sums.cross_cells(rated, cells.PREFERRED, needed)
    panel = cell_sums.count_levels(everyone, rated["rated_expertise"])
    verified = 100 * panel.rates(rated["verified_success"])
    for name, rate in zip(LEVEL_NAMES, verified, strict=True):
        yield f"verified_success_adj_{name}", float(rate)
        yield f"verified_success_coef_vs_novice_{name}", float(rate - verified[0])
    yield from _panel(rated, panel, figure_5.ALL)
    troubled = rated.take(rated["trouble"])
    within = cell_sums.cross_cells(troubled, cells.PREFERRED, needed)
    yield from _panel(troubled, cell_sums.count_levels(within, troubled["rated_expertise"]), figure_5.TROUBLE)


def _panel(sample: MomentColumns, levels: cell_sums.LevelCounts, outcomes: dict[str, str]) -> KeyedValues:
    everyone = levels.counts.sum(axis=0)
    for outcome, stem in outcomes.items():
        rates = 100 * levels.rates(sample[outcome])
        for name, rate in zip(LEVEL_NAMES, rates, strict=True):
            yield f"{stem}_{name}", float(rate)
            yield f"{stem}_{name}_fig5", float(rate)
        others = everyone[1:] > 0
        yield f"{stem}_everyone_else", float(np.average(rates[1:][others], weights=everyone[1:][others]))


OF_ALL: Final[tuple[Callable[[MomentColumns], KeyedValues], ...]] = (
    _sample, _users, _modes, _value_growth, _activity, _signals, _occupations, _ranks,
)  # fmt: skip
OF_RATED: Final[tuple[Callable[[MomentColumns], KeyedValues], ...]] = (_table_a1, _table_a2, _adjusted)
"""What is computed from all sessions, and from those with a clear goal and a rating."""
