"""Counter-based random numbers: golden values, independence, and that they look random."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from olhar.data.random import Draws, _mix, permutation, uniform

SEEDS = st.integers(0, 2**63 - 1)


def test_the_hash_is_splitmix64():
    # The first outputs of the reference implementation seeded with 1234567.
    golden = np.uint64(0x9E3779B97F4A7C15)
    states = np.uint64(1234567) + golden * np.arange(1, 4, dtype=np.uint64)
    assert _mix(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_golden_values():
    found = uniform(seed=0, epoch=0, indices=np.array([0, 1, 2**40]), count=2)
    assert found.tolist() == [
        [0.47141042966848024, 0.7247520786262142],
        [0.17732475569272, 0.24491793717085653],
        [0.43546359041789606, 0.1823145188192411],
    ]
    assert uniform(2**63 - 1, 7, np.array([3]), 1, "crop").tolist() == [[0.6306353980410673]]
    assert permutation(10, seed=1, epoch=2).tolist() == [8, 9, 0, 4, 7, 5, 3, 1, 6, 2]


@given(SEEDS, st.integers(0, 1000), st.lists(st.integers(0, 2**62), min_size=1, max_size=20))
def test_a_row_depends_on_its_index_only(seed, epoch, indices):
    together = uniform(seed, epoch, np.array(indices), 3, "stream")
    for row, index in zip(together, indices, strict=True):
        alone = uniform(seed, epoch, np.array([index]), 5, "stream")
        assert (alone[0, :3] == row).all()
    assert ((together >= 0) & (together < 1)).all()


def test_each_part_of_the_key_counts():
    rows = [
        uniform(seed, epoch, np.array([index]), 4, stream).tobytes()
        for seed in (0, 1, 2**62)
        for epoch in (0, 1)
        for index in (0, 1, 2**40)
        for stream in (0, 1, "crop", "mirror")
    ]
    assert len(set(rows)) == len(rows)


def test_parts_of_the_key_do_not_stand_in_for_each_other():
    assert uniform(1, 2, np.array([3]), 1) != uniform(2, 1, np.array([3]), 1)
    assert uniform(1, 2, np.array([3]), 1) != uniform(1, 3, np.array([2]), 1)


def test_numbers_are_even_and_uncorrelated():
    n = 20_000
    found = uniform(5, 0, np.arange(n), 4)
    counts = np.stack([np.histogram(column, 50, (0, 1))[0] for column in found.T])
    chi_squared = ((counts - n / 50) ** 2 / (n / 50)).sum(1)
    assert (chi_squared < 100).all()  # 49 degrees of freedom: 100 is 5 deviations above
    neighbours = np.concatenate(
        [found, np.roll(found, 1, 0)[:, :1], uniform(5, 1, np.arange(n), 1)], 1
    )
    correlation = np.corrcoef(neighbours.T) - np.eye(6)
    assert np.abs(correlation).max() < 5 / n**0.5


@given(st.integers(0, 200), SEEDS, st.integers(0, 100))
def test_a_permutation_has_every_number_once(n, seed, epoch):
    order = permutation(n, seed, epoch)
    assert order.dtype == np.int64
    assert np.sort(order).tolist() == list(range(n))
    assert (order == permutation(n, seed, epoch)).all()


def test_permutations_differ_between_epochs_and_seeds():
    orders = {permutation(100, s, e).tobytes() for s in range(5) for e in range(5)}
    assert len(orders) == 25
    firsts = [permutation(3, 0, epoch).tolist() for epoch in range(1500)]
    counts = [firsts.count(list(p)) for p in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (2, 1, 0))]
    assert all(abs(count - 250) < 5 * 15 for count in counts)  # deviation sqrt(n p q) = 15


def test_draws_are_those_of_their_examples():
    draws = Draws(3, 1, np.array([5, 9, 2]))
    assert draws.uniform(2, "crop").shape == (2, 3)
    part = draws[1:]
    assert len(part) == 2
    assert (part.uniform(2, "crop") == draws.uniform(2, "crop")[:, 1:]).all()


@pytest.mark.parametrize("count", [0, 1])
def test_no_examples_have_no_numbers(count):
    assert uniform(0, 0, np.zeros(0, np.int64), count).shape == (0, count)
