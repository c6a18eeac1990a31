import pytest

from knowntruth.study.claims.verdict import Unit, convert_to_unit, verdict_sentence
from knowntruth.study.estimation.estimates import EMPTY, Estimate


def _says(unit: Unit, seen: float, true: float, error: float = 0.1, true_error: float = 0.0) -> str:
    return verdict_sentence("It", unit, Estimate(seen, error, 9), EMPTY, Estimate(true, true_error, 9), "")


@pytest.mark.parametrize(
    ("unit", "seen", "true", "sentence"),
    [
        ("percentage points", 19.2, 10.1,
         "It overstates the effect: it shows 1.9 times the true effect"
         " (+19.2 points against a true +10.1 points, an error of +9.1 points)."),
        ("percentage points", 5.0, 10.0,
         "It understates the effect: it shows 50% of the true effect"
         " (+5.0 points against a true +10.0 points, an error of −5.0 points)."),
        ("percentage points", 5.0, 0.0, "It shows +5.0 points where there is no true effect."),
        ("percentage points", -5.0, 5.0, "It has the wrong sign (−5.0 points against a true +5.0 points)."),
        ("ratio", 1.9, 2.0,
         "It agrees with the true effect within its error (1.90 times against a true 2.00 times)."),
        ("ratio", 1.0, 1.0,
         "It agrees with the true effect within its error (1.00 times against a true 1.00 times)."),
        ("percentage points", -19.0, -10.0,
         "It overstates the effect: it shows 1.9 times the true effect"
         " (−19.0 points against a true −10.0 points, an error of −9.0 points)."),
        ("ratio", 2.4, 1.5, "It overstates the true ratio by 60% (2.40 against a true 1.50)."),
        ("ratio", 2.4, 1.0, "It shows 2.40 times where there is no true effect."),
        ("ratio", 1.5, 2.0, "It understates the true ratio by 25% (1.50 against a true 2.00)."),
        ("ratio", 0.5, 2.0, "It has the wrong sign (0.50 times against a true 2.00 times)."),
    ],
)  # fmt: skip
def test_sentences(unit: Unit, seen: float, true: float, sentence: str) -> None:
    assert _says(unit, seen, true) == sentence


def test_agreement_is_two_combined_errors() -> None:
    assert "agrees" in _says("percentage points", 10.0, 8.0, error=0.8, true_error=0.7)
    assert "agrees" not in _says("percentage points", 10.0, 8.0, error=0.6, true_error=0.7)


def test_a_truth_lost_in_its_own_error_counts_as_no_effect() -> None:
    assert "no true effect" in _says("percentage points", 9.0, 0.3, true_error=0.2)


def test_what_perfect_instruments_would_show_is_added() -> None:
    sentence = verdict_sentence(
        "It", "ratio", Estimate(2.0, 0.1, 9), Estimate(1.4, 0.1, 9), Estimate(1.1, 0.01, 9), ""
    )
    assert sentence.endswith("; through perfect instruments it would be 1.40 times.")


def test_holes_are_said() -> None:
    assert "too few" in verdict_sentence("It", "ratio", EMPTY, EMPTY, Estimate(1.0, 0.0, 1), "")
    assert verdict_sentence("It", "ratio", Estimate(2.0, 0.1, 9), EMPTY, EMPTY, "") == (
        "It is 2.00 times; the truth behind these data is not known."
    )
    assert verdict_sentence("It", "ratio", Estimate(2.0, 0.1, 9), EMPTY, EMPTY, "nobody knows").endswith(
        "; nobody knows."
    )


def test_units_of_truth() -> None:
    assert convert_to_unit(Estimate(0.1, 0.01, 1), "percentage points").value == pytest.approx(10)
    assert convert_to_unit(Estimate(1.1, 0.01, 1), "percent per level").value == pytest.approx(10)
    assert convert_to_unit(Estimate(1.1, 0.01, 1), "ratio").value == 1.1
    assert convert_to_unit(Estimate(0.1, 0.01, 1), "probability per level").value == 0.1
