"""One session of one person in Mesa: the task, what is likely, what happens prompt by prompt, what comes of it."""

import math
from typing import TYPE_CHECKING, ClassVar

from mesa_numbers import Numbers, level_of, logistic, logit

from knowntruth.datasets.schema.categories import CODEBASE, MODES, MONTHS, OCCUPATIONS
from knowntruth.engine.trades import TRADES

if TYPE_CHECKING:
    from mesa_world import Person

MAX_PROMPTS = 200
HEADLESS = 3
"""Position of headless use after command line, desktop and web."""

SOFTWARE = OCCUPATIONS.index("software_math")
MODIFY, CREATE, EXPLORE, NONE = range(len(CODEBASE))
OWN_TRADE = [[mode in TRADES.get(name, ("communicate",)) for mode in MODES] for name in OCCUPATIONS]


class Session:
    """What a person came for; the attributes are the variables of the world, under the same names."""

    RECORDED: ClassVar = (
        "month", "model_generation", "model_tier", "intended_mode", "surface", "domain_expected", "domain_score",
        "domain_expertise", "difficulty", "true_value", "evidence_infrastructure", "goal_chance", "goal",
        "specificity", "planning_share", "execution_share", "long_run", "action_pace", "word_pace", "error_chance",
        "catch_chance", "misconception_chance", "recovery_chance", "quit_chance", "leave_chance", "progress_pace",
        "check_chance", "first_check", "prompts", "errors", "caught", "checks", "hidden_defects", "recoveries",
        "open_trouble", "gave_up", "progress", "corrected", "trouble_met", "actions", "actions_per_prompt",
        "words_per_prompt", "goal_fraction", "true_success", "true_partial_success", "tests_chance", "tests_passed",
        "commit_chance", "commit_made", "matching_chance", "output_matching", "confirmation_chance",
        "user_confirmation", "evidence_kinds", "true_verified_success", "true_failure", "lines_added",
        "lines_removed", "still_in_use", "codebase_work", "work_occupation",
    )  # fmt: skip

    def __init__(self, person: "Person") -> None:
        """Come with something to do; only what decides whether a person is there at all is settled yet."""
        self._person = person
        self._random = person.random
        self._dials = person.model.numbers
        self.choose_month()
        self.choose_mode()
        self.choose_surface()
        self.interactive = self.surface != HEADLESS

    def happen(self) -> None:
        """Let the session happen, from the task to what is left of the work."""
        self.know_the_domain()
        self.choose_task()
        self.settle_manner()
        self.settle_chances()
        self.live()
        self.act()
        self.achieve()
        self.leave_evidence()
        self.leave_lines()
        self.last()
        self.look_from_outside()

    # What people come for.

    def choose_month(self) -> None:
        """A month since the account was opened, and the model that answers then."""
        random, dials, person = self._random, self._dials, self._person
        first = max(person.month_joined, 0)
        self.month = month = random.choices(range(first, len(MONTHS)), dials.month.weights[first:])[0]
        release = dials.model_generation
        luck = logit(random.random())
        late = release.late_by if person.release_wave == 2 else 0.0
        second = luck < release.pace * (month - release.second_from)
        third = luck < release.pace * (month - release.third_from - late)
        self.model_generation = 3 if second and third else 2 if second else 1
        tier = dials.model_tier
        self.model_tier = int(random.random() < logistic(tier.large_odds + tier.trend * (month - 3)))

    def choose_mode(self) -> None:
        """A work mode: people come with their own trade, and not only coders write code."""
        dials, person = self._dials.intended_mode, self._person
        months, coding = self.month - 3, person.coding_expertise - 3
        pull, elsewhere = dials.home_pull, person.occupation != SOFTWARE
        weights = [
            math.exp(base + trend * months + skill * coding + pull * own + other * elsewhere)
            for base, trend, skill, other, own in zip(
                dials.base, dials.trend, dials.by_coding, dials.elsewhere, OWN_TRADE[person.occupation], strict=True
            )
        ]
        self.intended_mode = self._random.choices(range(len(MODES)), weights)[0]

    def choose_surface(self) -> None:
        """Command line, desktop, web, or nobody there at all."""
        dials = self._dials.surface_used
        months, coding = self.month - 3, self._person.coding_expertise - 3
        window = dials.trend * months - dials.by_coding * coding
        headless = dials.headless + dials.by_mode[self.intended_mode] + dials.headless_by_coding * coding
        weights = (1.0, math.exp(dials.desktop + window), math.exp(dials.web + window), math.exp(headless))
        self.surface: int = self._random.choices(range(4), weights)[0]

    def know_the_domain(self) -> None:
        """Breadth, one's own trade, the kind of work, encouragement, and what this very task happens to need."""
        dials, person, mode = self._dials.domain_expected, self._person, self.intended_mode
        known = dials.mean + dials.by_breadth * person.domain_breadth + dials.by_encouragement * person.encouraged
        self.domain_expected = known + dials.home_gain * OWN_TRADE[person.occupation][mode] + dials.by_mode[mode]
        level = self._dials.domain_level
        self.domain_score = self.domain_expected + level.spread * self._random.gauss()
        self.domain_expertise = level_of(self.domain_score, level.cuts)

    def choose_task(self) -> None:
        """How hard it is and what it is worth; whether there are tests; whether there is a goal."""
        random, dials, person, mode = self._random, self._dials, self._person, self.intended_mode
        hard = dials.difficulty
        chosen = hard.by_ability * person.ability + hard.by_domain[self.domain_expertise - 1]
        usual = hard.by_mode[mode] + hard.by_occupation[person.occupation]
        self.difficulty = usual + chosen + hard.spread * random.gauss()
        worth = dials.true_value
        growth = (worth.trend + worth.trend_by_mode[mode]) * (self.month - 3)
        log_worth = worth.by_difficulty * self.difficulty + worth.by_mode[mode] + growth
        self.true_value = worth.median_usd * math.exp(log_worth + worth.spread * random.gauss())
        tests = dials.evidence_infrastructure
        skilled = tests.by_coding[person.coding_expertise - 1]
        where = tests.by_mode[mode] + tests.by_occupation[person.occupation]
        self.evidence_infrastructure = random.random() < logistic(tests.base_odds + skilled + where)
        self.goal_chance = logistic(dials.goal_chance.share_odds + dials.goal_chance.by_mode[mode])
        self.goal = random.random() < self.goal_chance

    # How they go about it.

    def settle_manner(self) -> None:
        """How specific the requests are, who decides, how far the agent runs."""
        gauss, dials, person, mode = self._random.gauss, self._dials, self._person, self.intended_mode
        domain, coding = self.domain_expertise - 1, person.coding_expertise - 1
        said = dials.specificity
        known = said.by_domain[domain] + said.by_coding[coding] + said.by_ability * person.ability
        self.specificity = specific = known + said.spread * gauss()
        plan, run = dials.planning_share, dials.execution_share
        planned = plan.base_odds + plan.by_level[domain] + plan.by_specificity * specific + plan.spread * gauss()
        executed = run.base_odds + run.by_level[coding] + run.by_specificity * specific + run.spread * gauss()
        self.planning_share, self.execution_share = logistic(planned), logistic(executed)
        left_to_agent = 0.5 - self.planning_share
        far = dials.long_run
        newer = far.by_generation * (self.model_generation - 1)
        run_odds = far.base_odds + newer + far.by_agent_planning * left_to_agent
        self.long_run = self._random.random() < logistic(run_odds)
        pace = dials.action_pace
        agent = pace.by_generation * (self.model_generation - 2) + pace.by_agent_planning * left_to_agent
        asked = pace.by_specificity * specific + pace.by_difficulty * self.difficulty + pace.by_mode[mode]
        longer = pace.long_run if self.long_run else 0.0
        self.action_pace = math.log(pace.typical) + asked + agent + longer + pace.spread * gauss()
        words = dials.word_pace
        drawn_out = words.by_specificity * specific + words.by_domain[domain] + words.by_mode[mode]
        self.word_pace = math.log(words.typical) + drawn_out + words.spread * gauss()

    def settle_chances(self) -> None:
        """What is likely at each prompt."""
        dials, person, domain = self._dials, self._person, self.domain_expertise - 1
        older_by, specific, difficulty = self.model_generation - 1, self.specificity, self.difficulty
        d = dials.error_chance
        harder = d.by_difficulty * difficulty + d.by_specificity * specific
        self.error_chance = logistic(d.base_odds + harder + d.by_generation * older_by)
        d = dials.catch_chance
        self.catch_chance = logistic(d.base_odds + d.by_domain[domain] + d.by_verifying * person.verifying_habit)
        d = dials.misconception_chance
        self.misconception_chance = logistic(d.base_odds + d.by_domain[domain])
        d = dials.recovery_chance
        able = d.by_domain[domain] + d.by_patience * person.patience + d.by_generation * older_by
        self.recovery_chance = logistic(d.base_odds + able)
        d = dials.quit_chance
        self.quit_chance = logistic(d.base_odds + d.by_domain[domain] + d.by_patience * person.patience)
        d = dials.leave_chance
        usual = d.by_occupation[person.occupation]
        self.leave_chance = logistic(d.base_odds + d.by_patience * person.patience + usual)
        d = dials.progress_pace
        faster = d.by_specificity * specific + d.by_difficulty * difficulty
        self.progress_pace = d.typical * math.exp(faster + d.by_generation * (self.model_generation - 2))
        d = dials.check_chance
        means = d.by_infrastructure if self.evidence_infrastructure else 0.0
        habit = d.by_verifying * person.verifying_habit + d.by_domain[domain]
        self.check_chance = logistic(d.base_odds + habit + means)

    # What happens.

    def live(self) -> None:  # noqa: PLR0912 - one person's session, told in one piece
        """Prompt by prompt, until it is done, given up, or left."""
        random = self._random.random
        error, catch, check, pace = self.error_chance, self.catch_chance, self.check_chance, self.progress_pace
        recover, give_up, leave = self.recovery_chance, self.quit_chance, self.leave_chance
        self.first_check = asked = random() < check
        prompts = errors = caught = checks = hidden = recoveries = 0
        in_trouble = gave_up = False
        done = 0.0
        while prompts < MAX_PROMPTS:
            prompts += 1
            if not in_trouble:
                if random() < error:
                    errors += 1
                    if random() < catch:
                        caught += 1
                        in_trouble = True
                    else:
                        hidden += 1
                if not in_trouble:
                    done += pace * (0.25 + 1.5 * random())
            if asked:
                checks += 1
                if hidden:
                    hidden -= 1
                    caught += 1
                    in_trouble = True
            if in_trouble:
                if random() < recover:
                    recoveries += 1
                    in_trouble = False
                elif random() < give_up:
                    gave_up = True
                    break
            if done >= 1.0 and not in_trouble:
                break
            if random() < leave:
                break
            asked = random() < check
        self.prompts, self.errors, self.caught, self.checks = prompts, errors, caught, checks
        self.hidden_defects, self.recoveries, self.progress = hidden, recoveries, done
        self.open_trouble, self.gave_up, self.trouble_met = in_trouble, gave_up, caught > 0
        self.looks_finished = done >= 1.0 and not in_trouble

    def act(self) -> None:
        """What the agent did at each prompt, and whether it had to set the user right."""
        random, gauss = self._random.random, self._random.gauss
        pace, spread, misconception = self.action_pace, self._dials.actions.spread, self.misconception_chance
        actions = corrected = 0
        for _ in range(self.prompts):
            wanted = math.exp(pace + spread * gauss())
            actions += max(1, int(min(wanted, 1e6) + random()))
            corrected += random() < misconception
        self.actions, self.corrected = actions, corrected
        self.actions_per_prompt = actions / self.prompts
        self.words_per_prompt = self.actions_per_prompt * math.exp(self.word_pace)

    # What comes of it.

    def achieve(self) -> None:
        """Apparent progress less what hidden errors spoil."""
        spoilt = self._dials.goal_fraction.defect_cost * self.hidden_defects
        self.goal_fraction = max(0.0, min(self.progress, 1.0) - spoilt) if self.goal else 0.0
        self.true_success = self.goal_fraction >= 1.0
        self.true_partial_success = self.goal_fraction >= 0.5
        self.true_failure = (self.open_trouble or self.gave_up) and not self.true_partial_success

    def leave_evidence(self) -> None:
        """Tests, a commit, matching output, a word of thanks."""
        random, dials, mode = self._random.random, self._dials, self.intended_mode
        d = dials.tests_chance
        a_test = d.with_infrastructure if self.evidence_infrastructure else d.without_infrastructure
        self.tests_chance = 1.0 - (1.0 - a_test) ** self.checks if self.looks_finished else 0.0
        self.commit_chance = logistic(self.evidence_odds(dials.commit_chance))
        d = dials.matching_chance
        seen = d.by_specificity * self.specificity + (d.by_check if self.checks else 0.0)
        self.matching_chance = logistic(self.evidence_odds(d) + seen)
        d = dials.confirmation_chance
        thanks = d.finished_odds if self.looks_finished else d.unfinished_odds
        self.confirmation_chance = logistic(thanks + self._person.confirming_habit + d.by_mode[mode])
        self.tests_passed = random() < self.tests_chance
        self.commit_made = random() < self.commit_chance
        self.output_matching = random() < self.matching_chance
        self.user_confirmation = random() < self.confirmation_chance
        self.evidence_kinds = self.tests_passed + self.commit_made + self.output_matching + self.user_confirmation
        self.true_verified_success = self.true_success and self.evidence_kinds > 0

    def evidence_odds(self, dials: Numbers) -> float:
        """Return the log odds of one kind of evidence: finished work shows, most where there are tests."""
        base: float = dials.finished_odds if self.looks_finished else dials.unfinished_odds
        place: float = dials.infrastructure if self.evidence_infrastructure else 0.0
        return base + place + dials.by_mode[self.intended_mode] + dials.trend * (self.month - 3)

    def leave_lines(self) -> None:
        """Code, where code is written at all, and code that it replaces."""
        random, gauss, d, mode = self._random.random, self._random.gauss, self._dials.lines_added, self.intended_mode
        reach = d.by_progress * (min(self.progress, 1.0) - 0.5) + d.by_actions * math.log2(self.actions / 32)
        self.lines_added = self.lines_removed = 0
        if random() < logistic(d.writes_code[mode] + reach):
            self.lines_added = math.ceil(min(d.typical * self.actions * math.exp(d.spread * gauss()), 1e8))
            d = self._dials.lines_removed
            self.lines_removed = int(min(self.lines_added * math.exp(d.share[mode] + d.spread * gauss()), 1e8))

    def last(self) -> None:
        """Work that was right, and worth doing, is still in use a month later."""
        d = self._dials.still_in_use
        base = (
            d.success_odds if self.true_success else d.partial_odds if self.true_partial_success else d.failure_odds
        )
        shift = d.by_occupation[self._person.occupation] + d.by_domain[self.domain_expertise - 1]
        self.still_in_use = self._random.random() < logistic(base + shift)

    def look_from_outside(self) -> None:
        """What the session did to a codebase, and whose work it normally is."""
        random, mode, occupation = self._random.random, self.intended_mode, self._person.occupation
        d = self._dials.codebase_work
        if not self.lines_added:
            self.codebase_work = EXPLORE if random() < logistic(d.explores[mode]) else NONE
        elif random() < logistic(d.aside[mode]):
            self.codebase_work = NONE
        else:
            self.codebase_work = CREATE if random() < logistic(d.creates[mode]) else MODIFY
        w = self._dials.work_occupation
        if OWN_TRADE[SOFTWARE][mode]:
            self.work_occupation = SOFTWARE if random() < w.software_code else occupation
        else:
            self.work_occupation = occupation if random() < w.own else self._random.randrange(len(OCCUPATIONS))
