import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from knowntruth.engine.noise import Noise, Word, philox, stream_number
from knowntruth.world.definition.registry import MECHANISMS

# Known-answer vectors of the Random123 distribution (kat_vectors, philox4x32 10 rounds).
KNOWN = [
    ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0xA4093822, 0x299F31D0),
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
N = 20_000


def noise(stream: str = "a", seed: int = 7, n: int = N) -> Noise:
    return Noise(seed, stream, np.arange(n), np.ones(n, np.int64))


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN)
def test_philox_gives_the_published_vectors(key, counter, expected):
    assert philox(Word(key[0] | key[1] << 32), *counter) == expected


def test_uniforms_are_uniform_and_normals_normal():
    """Kolmogorov-Smirnov over several streams; with 10 p-values, one below 1e-5 has a chance of 1 in 10,000."""
    for stream in "abcde":
        assert stats.kstest(noise(stream).uniform(), "uniform").pvalue > 1e-5
        assert stats.kstest(noise(stream).normal(), "norm").pvalue > 1e-5


def test_the_test_of_uniformity_can_fail():
    assert stats.kstest(noise().uniform() ** 1.15, "uniform").pvalue < 1e-5


def test_streams_users_sessions_and_seeds_are_uncorrelated():
    draws = [noise("a").normal(), noise("b").normal(), noise("a", seed=8).normal(), noise("a").normal("part")]
    draws.append(Noise(7, "a", np.arange(N), np.full(N, 2)).normal())
    draws.append(Noise(7, "a", np.arange(1, N + 1), np.ones(N, np.int64)).normal())
    for first, second in itertools.combinations(draws, 2):
        assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(N)


def test_a_draw_depends_only_on_who_and_when():
    everyone = noise().uniform()
    shuffled = np.random.default_rng(0).permutation(N)
    assert np.array_equal(Noise(7, "a", shuffled, np.ones(N, np.int64)).uniform(), everyone[shuffled])
    assert np.array_equal(noise(n=N // 2).uniform(), everyone[: N // 2])


def test_choose_follows_its_weights():
    table = np.log([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]])
    row = np.arange(N) % 2
    chosen = noise().choose(table, row)
    for k in (0, 1):
        counts = np.bincount(chosen[row == k], minlength=3)
        assert stats.chisquare(counts, N / 2 * np.exp(table[k])).pvalue > 1e-5


def test_choose_adds_effects_to_the_log_weights():
    value = np.linspace(-1, 1, N)
    slopes = np.array([0.0, 1.0, -1.0])
    chosen = noise().choose(np.zeros((1, 3)), np.zeros(N, np.int64), (slopes, value))
    weights = np.exp(np.multiply.outer(value, slopes))
    expected = weights / weights.sum(axis=1, keepdims=True)
    for k in range(3):
        deviation = ((chosen == k) - expected[:, k]).sum() / np.sqrt((expected[:, k] * (1 - expected[:, k])).sum())
        assert abs(deviation) < 4.5


def test_whole_numbers_weigh_as_the_same_fractions():
    """Effects of few whole numbers take a way of their own to the same choice."""
    value = np.arange(N) % 7
    slopes = np.array([0.0, 0.3, -0.2])
    other = (np.array([0.5, -0.5, 0.0]), np.linspace(-1, 1, N))
    table, row = np.log([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]]), np.arange(N) % 2
    for more in ((), (other,)):
        whole = noise().choose(table, row, (slopes, value.astype(np.int8) - 3), *more)
        assert np.array_equal(whole, noise().choose(table, row, (slopes, value - 3.0), *more))
        assert not np.array_equal(whole, noise().choose(table, row, (slopes, value - 2.0), *more))


def test_an_impossible_category_is_never_chosen():
    assert noise().choose(np.array([[0.0, -np.inf, 0.0]]), np.zeros(N, np.int64)).max() == 2
    assert 1 not in noise().choose(np.array([[0.0, -np.inf, 0.0]]), np.zeros(N, np.int64))


def test_no_two_mechanisms_share_a_stream():
    assert len({stream_number(m.name) for m in MECHANISMS}) == len(MECHANISMS)


def test_poisson_is_scipys_quantile():
    rate = np.exp(noise("rate").normal() * 1.5)
    rate[:5] = [0.0, 1e-9, 50.0, 400.0, 600.0]
    luck = noise("luck").uniform()
    assert np.array_equal(noise("luck").poisson(rate), stats.poisson.ppf(luck, rate).clip(0))


def reference_philox(words, multipliers, weyl, key, counter):
    """Philox-4xW-10 written once for any word size, in plain whole numbers (Salmon et al. 2011, section 3.3)."""
    mask = (1 << words) - 1
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(10):
        first, second = multipliers[0] * c0, multipliers[1] * c2
        c0, c1, c2, c3 = (second >> words) ^ c1 ^ k0, second & mask, (first >> words) ^ c3 ^ k1, first & mask
        k0, k1 = (k0 + weyl[0]) & mask, (k1 + weyl[1]) & mask
    return c0, c1, c2, c3


WORDS_32 = (32, (0xD2511F53, 0xCD9E8D57), (0x9E3779B9, 0xBB67AE85))
WORDS_64 = (64, (0xD2E7470EE14C6C93, 0xCA5A826395121157), (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B))


@given(st.lists(st.integers(0, 2**64 - 2), min_size=6, max_size=6))
@settings(deadline=None, max_examples=50)
def test_numpys_own_philox_agrees(numbers):
    """NumPy's has 64-bit words: one reference in plain numbers equals NumPy's at 64 bits, and ours at 32."""
    key, counter = numbers[:2], numbers[2:]
    theirs = np.random.Philox(key=np.array(key, dtype=np.uint64), counter=np.array(counter, dtype=np.uint64))
    following = [counter[0] + 1, *counter[1:]]  # NumPy counts on before it draws
    assert tuple(theirs.random_raw(4).tolist()) == reference_philox(*WORDS_64, key, following)
    small_key, small_counter = [k >> 32 for k in key], [c >> 32 for c in counter]
    ours = philox(Word(small_key[0] | small_key[1] << 32), *small_counter)
    assert tuple(int(w) for w in ours) == reference_philox(*WORDS_32, small_key, small_counter)
