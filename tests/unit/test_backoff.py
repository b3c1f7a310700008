from streams.sources.backoff import Backoff


def test_waits_grow_to_the_most_with_chance_between():
    backoff = Backoff(0.5, 30)
    waits = [backoff.wait_s() for _ in range(12)]
    for wait, full in zip(waits, (0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30), strict=True):
        assert full / 2 <= wait <= full
    assert len(set(waits[-6:])) > 1


def test_success_makes_the_next_wait_short_again():
    backoff = Backoff(0.5, 30)
    for _ in range(8):
        backoff.wait_s()
    backoff.reset()
    assert backoff.wait_s() <= 0.5


def test_the_first_wait_is_never_above_the_most():
    assert Backoff(10, 2).wait_s() <= 2
