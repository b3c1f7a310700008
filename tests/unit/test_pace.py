from nmea import barge, sentence, tagged

from streams.sources.pace import Pace, received_s

START = 1_712_102_400


def at(second: int):
    return sentence(tagged(barge(), b"c:%d" % (START + second)))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_gaps_are_kept_and_divided_by_the_speed():
    clock = Clock()
    pace = Pace(10, clock)
    assert pace.wait_s(at(0)) == 0
    assert pace.wait_s(at(20)) == 2
    clock.now += 2
    assert pace.wait_s(at(20)) == 0
    assert pace.wait_s(at(25)) == 0.5


def test_a_late_reader_catches_up():
    clock = Clock()
    pace = Pace(1, clock)
    pace.wait_s(at(0))
    clock.now += 30
    assert pace.wait_s(at(10)) == -20
    assert pace.wait_s(at(30)) == 0
    assert pace.wait_s(at(31)) == 1


def test_lines_without_a_time_go_with_the_one_before():
    clock = Clock()
    pace = Pace(1, clock)
    assert pace.wait_s(sentence(barge())) == 0
    pace.wait_s(at(0))
    assert pace.wait_s(at(5)) == 5
    assert pace.wait_s(sentence(barge())) == 5
    assert pace.wait_s(sentence(b"\\broken")) == 5


def test_time_that_runs_backwards_waits_for_nothing():
    pace = Pace(1, Clock())
    pace.wait_s(at(100))
    assert pace.wait_s(at(40)) == 0
    assert pace.wait_s(at(101)) == 1


def test_a_long_gap_is_cut():
    pace = Pace(1, Clock(), most_s=60)
    pace.wait_s(at(0))
    assert pace.wait_s(at(86_400)) == 60


def test_the_receivers_clock():
    assert received_s(at(7)) == START + 7
    assert received_s(sentence(barge())) is None
    assert received_s(sentence(b"\\c:1*00\\!AIVDM")) is None
    assert received_s(sentence(tagged(barge(), b"c:99"))) is None
