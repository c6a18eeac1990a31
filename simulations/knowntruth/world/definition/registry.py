"""The registry: the list of all mechanisms of a world.

The order is for readers; the order of execution follows from the parents. A new mechanism is one new name here.
"""

from collections import Counter
from typing import Final

import networkx as nx

from knowntruth.common.errors import InputError
from knowntruth.common.names import nearest
from knowntruth.engine.mechanism import Mechanism, Variable
from knowntruth.engine.noise import stream_number
from knowntruth.instruments import (
    derived,
    expertise_rater,
    judge,
    labels,
    occupations,
    pricer,
    reading,
    study_sample,
    telemetry,
)
from knowntruth.world.mechanisms import behaviour, course, outcomes, tasks, users, work

MECHANISMS: Final[tuple[Mechanism, ...]] = (
    # people
    users.ability, users.month_joined, users.tenure, users.occupation, users.coding_expected, users.coding_level,
    users.domain_breadth, users.patience, users.confirming_habit, users.verifying_habit, users.encouraged,
    users.release_wave, users.activity,
    # tasks
    tasks.month, tasks.model_generation, tasks.model_tier, tasks.intended_mode, tasks.surface_used,
    tasks.domain_expected, tasks.domain_level, tasks.difficulty, tasks.true_value, tasks.evidence_infrastructure,
    tasks.goal_chance, tasks.goal,
    # behaviour
    behaviour.specificity, behaviour.planning_share, behaviour.execution_share, behaviour.long_run,
    behaviour.action_pace, behaviour.word_pace, behaviour.error_chance, behaviour.catch_chance,
    behaviour.misconception_chance, behaviour.recovery_chance, behaviour.quit_chance, behaviour.leave_chance,
    behaviour.progress_pace, behaviour.check_chance,
    # the session itself
    course.first_check, course.course, course.corrected, course.trouble_met, course.actions,
    course.actions_per_prompt, course.words_per_prompt,
    # what it achieved
    outcomes.goal_fraction, outcomes.true_success, outcomes.true_partial_success, outcomes.tests_chance,
    outcomes.tests_passed, outcomes.commit_chance, outcomes.commit_made, outcomes.matching_chance,
    outcomes.output_matching, outcomes.confirmation_chance, outcomes.user_confirmation, outcomes.evidence_kinds,
    outcomes.true_verified_success, outcomes.true_failure, outcomes.lines_added, outcomes.lines_removed,
    outcomes.still_in_use, work.codebase_work, work.work_occupation,
    # instruments
    study_sample.drawn, reading.request_characters, reading.answer_characters, reading.answer_seen,
    reading.transcript_characters, reading.share_seen, reading.end_seen, reading.progress_shown,
    reading.trouble_shown, reading.quitting_shown, reading.rater_mood, telemetry.tool_calls, telemetry.model_calls,
    telemetry.account_age_months, labels.mode, labels.codebase, occupations.unclear_chance,
    occupations.user_occupation, occupations.task_occupation, labels.planning_share_user,
    labels.execution_share_user, judge.outcome, judge.success_signal, judge.failure_signal, expertise_rater.rating,
    expertise_rater.cue_setup, expertise_rater.cue_checks, expertise_rater.cue_corrections,
    expertise_rater.rated_expertise, pricer.price_usd, pricer.value_band,
    derived.clear_goal, derived.at_least_partial, derived.judged_success, derived.verified_success,
    derived.judged_failure, derived.verified_failure, derived.trouble, derived.abandoned, derived.code_producing,
)  # fmt: skip
"""Every mechanism, people first, instruments last."""


def variables(mechanisms: tuple[Mechanism, ...] = MECHANISMS) -> dict[str, Variable]:
    """Return every variable by name, in the order of the registry.

    Raises
    ------
    ValueError
        If two mechanisms generate the same variable, or two noise streams share a number.
    """
    outputs = [output for m in mechanisms for output in m.outputs]
    twice = [name for name, n in Counter(output.name for output in outputs).items() if n > 1]
    numbers = Counter(stream_number(m.name) for m in mechanisms)
    if twice or max(numbers.values(), default=0) > 1:
        raise ValueError(
            f"each variable needs exactly one mechanism and each noise stream its own number; duplicates: {twice}"
        )
    return {output.name: output for output in outputs}


def check_order(mechanisms: tuple[Mechanism, ...]) -> None:
    """Check that every parent has a mechanism and that the declared graph has no cycle.

    Raises
    ------
    InputError
        Naming the unknown parent, the variables of the cycle, or the user-level variable that would depend on a
        single session.
    """
    levels = {output.name: m.level for m in mechanisms for output in m.outputs}
    available = f"; there are {', '.join(sorted(levels))}"
    order: nx.DiGraph[str] = nx.DiGraph()
    for m in mechanisms:
        for p in m.parents:
            if p not in levels:
                raise InputError(f"mechanism {m.name}: unknown parent {p!r}{nearest(p, levels) or available}")
            if m.level == "user" and levels[p] != "user":
                raise InputError(
                    f"mechanism {m.name} is at user level, so it cannot depend on {p}, which is at session level"
                )
        order.add_edges_from((p, output.name) for p in m.parents for output in m.outputs)
    if not nx.is_directed_acyclic_graph(order):
        circle = " -> ".join(a for a, _ in nx.find_cycle(order))
        raise InputError(f"the graph has a cycle: {circle}; remove one arrow")
