"""The windows, tried with arrivals of every kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.simulator.windows import Block, Limiter, Window

gaps = st.lists(st.integers(min_value=0, max_value=40).map(float), max_size=120)
plain_windows = st.lists(
    st.builds(
        Window, st.integers(min_value=1, max_value=8), st.integers(min_value=1, max_value=60).map(float)
    ),
    min_size=1,
    max_size=3,
)


def admitted(windows: list[Window], gaps: list[float]) -> list[float]:
    limiter, now, times = Limiter(windows), 0.0, []
    for gap in gaps:
        now += gap
        if limiter.admit(now).wait == 0:
            times.append(now)
    return times


@given(plain_windows, gaps)
def test_no_stretch_of_a_windows_length_ever_holds_more_than_its_limit(
    windows: list[Window], gaps: list[float]
) -> None:
    times = admitted(windows, gaps)
    for window in windows:
        for start in times:
            assert sum(start <= time < start + window.per for time in times) <= window.limit


@given(plain_windows, gaps)
def test_whoever_waits_as_long_as_told_is_admitted_and_not_a_second_earlier(
    windows: list[Window], gaps: list[float]
) -> None:
    limiter, now = Limiter(windows), 0.0
    for gap in gaps:
        now += gap
        wait = limiter.admit(now).wait
        if wait > 0:
            assert limiter.admit(now + wait - 1).wait > 0 or wait <= 1
            assert limiter.admit(now + wait).wait == 0
            now += wait


def test_a_request_is_admitted_again_exactly_when_the_oldest_leaves_the_window() -> None:
    limiter = Limiter([Window(2, 10)])
    assert [limiter.admit(time).wait for time in (0, 4, 5, 9, 10, 13, 14)] == [0, 0, 5, 1, 0, 1, 0]


def test_refused_requests_are_not_counted() -> None:
    limiter = Limiter([Window(1, 10)])
    limiter.admit(0)
    for time in range(1, 10):
        assert limiter.admit(time).wait > 0
    assert limiter.admit(10).wait == 0


def test_what_remains_is_told_of_the_tightest_window() -> None:
    limiter = Limiter([Window(10, 60), Window(2, 1)])
    standing = limiter.admit(5)
    assert (standing.limit, standing.remaining, standing.reset_at) == (2, 1, 6)


def test_a_block_to_its_end_lasts_until_the_minute_on_the_clock_is_over() -> None:
    limiter = Limiter([Window(1, 60, Block.TO_ITS_END), Window(5, 600)])
    assert limiter.admit(61).wait == 0
    assert limiter.admit(62).wait == 59  # there is room at 121, and the block ends at 120
    assert limiter.admit(121).wait == 0


def test_coming_back_from_a_block_before_there_is_room_starts_another() -> None:
    limiter = Limiter([Window(1, 60, Block.TO_ITS_END)])
    assert limiter.admit(50).wait == 0
    assert limiter.admit(55).wait == 55  # blocked until 60, full until 110
    assert limiter.admit(70).wait == 50  # blocked until 120
    assert limiter.admit(119).wait == 1
    assert limiter.admit(120).wait == 0


def test_of_two_blocks_at_once_the_longer_counts() -> None:
    limiter = Limiter([Window(1, 60, Block.TO_ITS_END), Window(1, 300, Block.FOR_ITS_LENGTH)])
    limiter.admit(0)
    assert limiter.admit(10).wait == 300
    assert limiter.admit(309).wait == 1
    assert limiter.admit(310).wait == 0


def test_a_block_for_its_length_outlasts_the_window() -> None:
    limiter = Limiter([Window(2, 300, Block.FOR_ITS_LENGTH)])
    assert [limiter.admit(time).wait for time in (0, 10, 200)] == [0, 0, 300]
    assert limiter.admit(320).wait == 180
    assert limiter.admit(500).wait == 0


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("25/s", Window(25, 1)),
        ("200/min", Window(200, 60)),
        ("100/10s", Window(100, 10)),
        ("1000/5min", Window(1000, 300)),
        ("10/0.5s", Window(10, 0.5)),
        ("10/h", Window(10, 3600)),
    ],
)
def test_a_rate_reads_as_people_write_it(text: str, window: Window) -> None:
    assert Window.parse(text) == window


@pytest.mark.parametrize("text", ["", "25", "fast", "25/day", "0/s", "-1/s", "5/0s", "1.5/s", "5/.s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|window|could not"):
        Window.parse(text)
