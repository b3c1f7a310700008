"""A robot's limit is never passed, nobody waits longer than its window; any answer is judged."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notices_out import NOON, MemoryDesk, answer, contact

from db.robot import RobotUse
from streams.notify.dingtalk import DingTalkChannel
from streams.notify.dingtalk import signature as dingtalk_signature
from streams.notify.feishu import FeishuChannel
from streams.notify.feishu import signature as feishu_signature
from streams.notify.limit import Limit, turn, used
from streams.notify.robot import Robot
from streams.notify.signature import signature
from streams.notify.web import Reply
from streams.notify.wecom import WeComChannel
from streams.outbox.channel import Later, Refused, Sent
from streams.settings import NotifySettings

LIMITS = [WeComChannel.limits, DingTalkChannel.limits, FeishuChannel.limits, (Limit(1, 10, 1),)]
pauses = st.lists(st.floats(0, 90), min_size=1, max_size=200)


@pytest.mark.parametrize("limits", LIMITS)
@given(pauses)
def test_however_often_it_is_asked_the_limit_is_kept(
    limits: tuple[Limit, ...], pauses: list[float]
) -> None:
    use, now, calls = RobotUse(), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause % 7)
        found = turn(use, limits, now)
        assert 0 <= found.wait_s <= max(one.window for one in limits).total_seconds()
        if found.wait_s > 0:
            assert turn(use, limits, now + timedelta(seconds=found.wait_s + 1e-3)).wait_s <= 0
        else:
            use = used(use, limits, now)
            calls.append(now)
    for one in limits:
        for at in calls:
            within = [x for x in calls if at <= x < at + timedelta(seconds=one.seconds)]
            assert len(within) <= one.most


def test_what_is_left_is_spread() -> None:
    limits = WeComChannel.limits
    use = RobotUse([NOON] * 15)
    waits = []
    now = NOON
    for _ in range(5):
        found = turn(use, limits, now)
        assert found.room == 0
        waits.append(round(found.wait_s, 2))
        now += timedelta(seconds=found.wait_s)
        use = used(use, limits, now)
    assert waits == [10.17] * 5
    assert turn(use, limits, NOON + timedelta(seconds=62)).room == 10
    assert turn(use, limits, NOON + timedelta(days=1)).room == 15
    assert turn(RobotUse([NOON]), limits, NOON).room == 14


def test_a_clock_that_was_set_back_blocks_nobody() -> None:
    ahead = RobotUse([NOON + timedelta(hours=1)] * 20)
    assert turn(ahead, WeComChannel.limits, NOON).wait_s == 0


def test_blocked_until() -> None:
    use = RobotUse([], NOON + timedelta(minutes=10))
    assert turn(use, WeComChannel.limits, NOON).wait_s == 600
    assert turn(use, WeComChannel.limits, NOON + timedelta(minutes=10)).wait_s == 0


def test_signatures_as_documented() -> None:
    """Made once with openssl from the platforms' own descriptions."""
    assert dingtalk_signature("SECthis", 1700000000000) == (
        "4mKsOb6v0YZ5bctLR5Z4q2cKudbsWl1qVoKiO/m4TLU="
    )
    assert feishu_signature("this", 1700000000) == "zWrbafjjlCAf9qoSzK9U3I3aQ7wGP1s/j5HvZLSheGM="
    # the example of the Standard Webhooks specification
    body = b'{"test": 2432232314}'
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - from the specification
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature("whsec_no base64!", "a", 1, b"") != signature("no base64!", "a", 1, b"")


@pytest.fixture(scope="module", params=[WeComChannel, DingTalkChannel, FeishuChannel])
def channel(request: pytest.FixtureRequest) -> Robot:
    made: Robot = request.param(MemoryDesk(), NotifySettings())
    return made


answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=9), one, max_size=3),
    max_leaves=5,
)


@given(answers, st.integers(100, 599))
def test_any_answer_has_a_meaning(channel: Robot, said: object, status: int) -> None:
    for body in (said, {channel.code_field: said}):
        judged = channel.judged(Reply(status, json.dumps(body).encode()))
        is_code_0 = isinstance(body, dict) and body.get(channel.code_field) == 0
        accepted = is_code_0 and type(said) is int and 200 <= status < 300
        assert (judged == Sent()) == accepted
    assert isinstance(channel.judged(Reply(200, b"\xff\x00")), Later)


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("http://127.0.0.1:99999/x", Later),
        ("http://[::1/x", Refused),
        ("http://a..b/x", Later),
        ("http:///x", Refused),
        ("ftp://127.0.0.1/x", Refused),
        ("http://\x00/", Refused),
        ("http://" + "a" * 300 + "/x", Later),
    ],
)
async def test_an_address_that_is_none_stops_nobody(address: str, outcome: type) -> None:
    desk = MemoryDesk({"c-1": contact("wecom", address)})
    channel = WeComChannel(desk, NotifySettings(notify_attempt_s=5))
    said = await answer(channel)
    assert isinstance(said, outcome), said
    await channel.close()
