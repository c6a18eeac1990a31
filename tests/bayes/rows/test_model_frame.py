"""Which sessions enter, in which order, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from knowntruth.bayes.rows.model_frame import COVARIATES, TREATMENT, model_frame
from knowntruth.common.errors import InputError

OUTCOME = "actions_per_prompt"


@pytest.fixture(scope="module")
def frame(draw):
    return draw(300, seed=2).frame


def test_only_sessions_with_a_goal_and_a_rating_enter(frame):
    changed = frame.copy()
    changed.loc[:9, "clear_goal"] = False
    changed.loc[5:24, TREATMENT] = np.nan
    assert model_frame(changed, (OUTCOME,)).sessions == len(frame) - 25


def test_codes_mean_what_the_names_say(frame):
    rows = model_frame(frame, (OUTCOME,))
    names = np.array(rows.layout.names)
    levels, modes = (names[rows.columns[:, k]] for k in (0, 2))
    joined = np.sort([f"{level} {mode}" for level, mode in zip(levels, modes, strict=True)])
    pairs = zip(frame[TREATMENT], frame["mode"], strict=True)
    assert (joined == np.sort([f"{TREATMENT}={level:.0f} mode={mode}" for level, mode in pairs])).all()


def test_shuffled_rows_give_the_very_same_design(frame):
    one = model_frame(frame, (OUTCOME,))
    other = model_frame(frame.sample(frac=1, random_state=1), (OUTCOME,))
    assert (
        (one.outcomes[OUTCOME] == other.outcomes[OUTCOME]).all()
        and (one.user == other.user).all()
        and (one.columns == other.columns).all()
    )
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != model_frame(frame.iloc[1:], (OUTCOME,)).fingerprint


def test_text_user_names_and_a_treatment_of_ones_own_will_do(frame):
    named = frame.assign(user_id=frame["user_id"], skill=frame[TREATMENT].astype(int))
    assert model_frame(named, (OUTCOME,), ("mode",), "skill").layout.treatments == ("skill",)


def test_a_second_treatment_and_an_audit_stand_beside_the_first(frame):
    known = frame.iloc[:40].set_index("session_id")[TREATMENT].astype(int)
    rows = model_frame(frame.assign(code=6 - frame[TREATMENT]), (OUTCOME,), ("mode",), coding="code", known=known)
    assert rows.layout.blocks == (TREATMENT, "code", "mode")
    assert (rows.levels[0] + rows.levels[1] == 4).all()
    assert (rows.known > 0).sum() == 40 and (rows.known[rows.known > 0] == rows.levels[0][rows.known > 0] + 1).all()


def test_moving_a_session_to_a_level_moves_what_hangs_on_it_and_nothing_else(frame):
    rows = model_frame(frame, (OUTCOME,))
    moved = rows.layout.at_level(rows.columns, 0, 3)
    same = replace(rows, levels=(np.full(rows.sessions, 3),))
    assert (moved == same.columns).all()
    assert (moved[:, 1:-1] == rows.columns[:, 1:-1]).all() and (moved[:, -1] != rows.columns[:, -1]).any()


BAD = {
    "missing column": (lambda f: f.drop(columns="mode"), COVARIATES, TREATMENT, "mode"),
    "missing outcome": (lambda f: f.drop(columns=OUTCOME), COVARIATES, TREATMENT, OUTCOME),
    "unknown covariate": (lambda f: f, ("mood",), TREATMENT, "'mood' cannot be a covariate"),
    "covariate twice": (lambda f: f, ("mode", "mode"), TREATMENT, "twice"),
    "treatment as covariate": (lambda f: f, (TREATMENT,), TREATMENT, "not the treatment"),
    "no such treatment": (lambda f: f, (), "skill", "'skill' is not among the columns"),
    "one level": (lambda f: f.assign(rated_expertise=3.0), COVARIATES, TREATMENT, "at least two levels"),
    "no goal": (lambda f: f.assign(clear_goal=False), COVARIATES, TREATMENT, "no session has both"),
    "no rating": (lambda f: f.assign(rated_expertise=np.nan), COVARIATES, TREATMENT, "no session has both"),
    "one outcome": (lambda f: f.assign(actions_per_prompt=2.0), COVARIATES, TREATMENT, "nothing to explain"),
    "constant covariate": (lambda f: f.assign(mode="fix"), COVARIATES, TREATMENT, "mode is 'fix' in all"),
    "no rows": (lambda f: f.iloc[:0], COVARIATES, TREATMENT, "no rows"),
    "strange level": (lambda f: f.assign(skill=2.5), (), "skill", "2.5"),
}


@pytest.mark.parametrize(("change", "covariates", "treatment", "said"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_fitted_is_refused(frame, change, covariates, treatment, said):
    with pytest.raises(InputError, match=said):
        model_frame(change(frame), (OUTCOME,), covariates, treatment)
