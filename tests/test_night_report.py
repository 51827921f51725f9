"""The exit code and the state of a night follow from its files and its alarms."""

import pytest

from importer.night.report import ALARM_EXIT_CODES, Alarm, AlarmKind, State, highest, state_of


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 1], 1),
        ([1, 12, 0], 12),
        ([14, 12, 1], 12),
        ([12, 2], 2),
        ([2, 3, 16], 3),
        ([3, 130], 130),
        ([130, 143, 3], 143),
    ],
)
def test_exit_code_of_a_night_is_the_one_that_says_most(codes: list[int], expected: int) -> None:
    assert highest(codes) == expected
    assert highest(reversed(codes)) == expected


def test_each_alarm_has_an_exit_code_of_its_own() -> None:
    assert ALARM_EXIT_CODES == {
        AlarmKind.NO_FILE: 10,
        AlarmKind.EMPTY: 11,
        AlarmKind.SMALLER: 12,
        AlarmKind.SAME_FILE: 13,
        AlarmKind.INVALID: 14,
        AlarmKind.COLUMNS: 15,
        AlarmKind.BUSY: 16,
    }


def test_alarm_that_is_only_told_does_not_change_the_exit_code() -> None:
    assert Alarm(AlarmKind.SMALLER, "", stops=False).exit_code == 0
    assert Alarm(AlarmKind.SMALLER, "", stops=True).exit_code == 12


@pytest.mark.parametrize(
    ("exit_code", "alarms", "expected"),
    [
        (0, 0, State.OK),
        (0, 1, State.DEGRADED),
        (1, 0, State.DEGRADED),
        (1, 1, State.DEGRADED),
        (2, 0, State.FAILED),
        (3, 0, State.FAILED),
        (10, 1, State.FAILED),
        (143, 0, State.FAILED),
    ],
)
def test_state_says_whether_anybody_has_to_look(exit_code: int, alarms: int, expected: State) -> None:
    told = [Alarm(AlarmKind.SAME_FILE, "", stops=False)] * alarms
    assert state_of(exit_code, told) is expected
