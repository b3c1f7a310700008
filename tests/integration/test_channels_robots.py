"""Robots, webhooks and text messages against servers that behave as documented."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from notices_out import (
    NOON,
    Clock,
    MemoryDesk,
    answer,
    contact,
    notice,
    own_certificate,
    told,
    waiting,
)
from robots import ODD, Robots, robots

from db.outbox import Waiting
from domain.errors import InvalidInput
from domain.notices import payload_of, text_of
from streams.notify.dingtalk import DingTalkChannel
from streams.notify.feishu import FeishuChannel
from streams.notify.people import PeopleChannel
from streams.notify.sms import SmsChannel
from streams.notify.webhook import WebhookChannel
from streams.notify.wecom import WeComChannel
from streams.outbox.channel import Later, Refused, Sent
from streams.settings import NotifySettings

KINDS = {
    "wecom": WeComChannel,
    "dingtalk": DingTalkChannel,
    "feishu": FeishuChannel,
    "webhook": WebhookChannel,
    "sms": SmsChannel,
}
ROBOTS = ("wecom", "dingtalk", "feishu")
SECRETS = {"dingtalk": "SECabc", "feishu": "fs", "webhook": "whsec_c2VjcmV0LWtleQ=="}
LOUD = "LOUD-KEY"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def there(clock: Clock) -> AsyncIterator[Robots]:
    async with robots(clock) as made:
        yield made


def channel_to(there: Robots, kind: str, clock: Clock, **settings: object) -> PeopleChannel:
    """A channel of this kind, and at the desk one contact `c-1` of it."""
    address = "13800001234" if kind == "sms" else there.url(kind, LOUD)
    secret = SECRETS.get(kind)
    if secret:
        there.secrets[LOUD] = secret
    if kind == "sms":
        settings |= {"notify_sms_url": there.url("sms", LOUD), "notify_sms_secret": "gw-secret"}
        there.secrets[LOUD] = "gw-secret"
    desk = MemoryDesk({"c-1": contact(kind, address, secret)})
    return KINDS[kind](desk, NotifySettings(notify_attempt_s=5, **settings), clock)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_notice_is_accepted(there: Robots, clock: Clock, kind: str) -> None:
    channel = channel_to(there, kind, clock)
    assert await answer(channel) == Sent()
    await channel.close()
    assert await answer(channel, waiting(2)) == Sent()  # it may be asked again
    await channel.close()
    first, second = there.taken
    assert (first.key, second.key) == ("notice/n0001", "notice/n0002")
    assert there.wrong == []
    if kind in ROBOTS:
        said = text_of(notice(), channel.most_bytes)  # type: ignore[attr-defined]
        assert first.text.removesuffix("\n@13800000000") == said
    if kind == "wecom":
        assert first.body["text"]["mentioned_mobile_list"] == ["13800000000"]
    if kind == "dingtalk":
        assert first.body["at"] == {"atMobiles": ["13800000000"]}
    if kind == "webhook":
        assert first.body["type"] == "whistle.notice.v1"
        assert first.body["data"]["answer_link"] == notice().answer_link
        assert "mobiles" not in first.body["data"]
    if kind == "sms":
        assert first.body["to"] == "13800001234"
        assert len(first.body["text"].encode()) <= 600
        assert first.body["text"].endswith(notice().answer_link)


MEANT = [
    ("wecom", "busy", Later, "WeCom is busy (-1)"),
    ("wecom", "bad_type", Refused, "40008"),
    ("wecom", "over", Later, "45009"),
    ("wecom", "bad_key", Refused, "93000"),
    ("wecom", "unheard", Later, "44444"),
    ("dingtalk", "busy", Later, "-1"),
    ("dingtalk", "blocked", Later, "130101"),
    ("dingtalk", "safety", Refused, "310000"),
    ("dingtalk", "bad_key", Refused, "300001"),
    ("feishu", "over", Later, "11232"),
    ("feishu", "signature", Refused, "19021"),
    ("feishu", "bad_key", Refused, "19001"),
    ("feishu", "bad_type", Refused, "9499"),
    ("sms", "refuse", Refused, "the gateway refuses it: 号码 … 无效"),
    ("sms", "again", Later, "the gateway refuses it"),
    *((kind, "403", Refused, "403") for kind in KINDS),
    *((kind, "500", Later, "500") for kind in KINDS),
    *((kind, "429", Later, "429") for kind in KINDS),
    *((kind, "redirect", Later, "not followed") for kind in KINDS),
    *((kind, "reset", Later, "broke off") for kind in KINDS),
    *((kind, "silent", Later, "no answer within 0.3 s") for kind in KINDS),
    *((kind, "drip", Later, "no answer within 0.3 s") for kind in KINDS),
    *((kind, "endless", Later, "no end") for kind in KINDS),
    *((kind, "garbage", Later, "makes no sense") for kind in (*ROBOTS, "sms")),
]


@pytest.mark.parametrize(("kind", "mode", "outcome", "words"), MEANT)
async def test_what_an_answer_means(  # noqa: PLR0917 - two fixtures and a row of the table
    there: Robots, clock: Clock, kind: str, mode: str, outcome: type, words: str
) -> None:
    quick = {"notify_attempt_s": 0.3} if mode in {"silent", "drip"} else {}
    channel = channel_to(there, kind, clock)
    channel.settings = NotifySettings(**{**channel.settings.model_dump(), **quick})
    there.mode[LOUD] = mode
    said = await answer(channel)
    assert isinstance(said, outcome), said
    assert words in said.why  # type: ignore[attr-defined]
    shown = repr(said)
    assert not re.search(r"LOUD|SEC|whsec|1380000|gw-secret|127\.0\.0\.1|errmsg", shown)
    if mode == "429" and isinstance(said, Later):
        assert said.seconds >= 77
    assert len(there.calls) == 1 or quick  # a busy machine may not get so far in so little time
    assert there.taken == []
    await channel.close()


async def test_a_wrong_signature_is_refused_in_words(there: Robots, clock: Clock) -> None:
    for kind, code in (("dingtalk", "310000"), ("feishu", "19021"), ("webhook", "401")):
        channel = channel_to(there, kind, clock)
        there.secrets[LOUD] = "another"
        said = await answer(channel)
        assert isinstance(said, Refused)
        assert code in said.why
        await channel.close()


async def test_a_webhook_that_has_it_already_has_it(there: Robots, clock: Clock) -> None:
    for kind in ("webhook", "sms"):
        channel = channel_to(there, kind, clock)
        there.mode[LOUD] = "known"
        assert await answer(channel) == Sent()
        await channel.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_there(there: Robots, clock: Clock, kind: str) -> None:
    there.port = 9
    channel = channel_to(there, kind, clock)
    said = await answer(channel)
    assert isinstance(said, Later)
    assert said.why == "nobody answers at the address"
    assert 1 <= said.seconds <= 2
    await channel.close()


async def test_who_is_not_to_be_reached_so(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "wecom", clock)
    gone, other = waiting(1, "gone"), waiting(2, "c-2")
    broken = waiting(3, payload=b"{}")
    desk = channel.desk
    assert isinstance(desk, MemoryDesk)
    desk.contacts["c-2"] = contact("sms", "13800001234", name="c-2")
    reasons = {one.outbox_id: said for one, said in await told(channel, gone, other, broken)}
    assert all(isinstance(said, Refused) for said in reasons.values())
    assert "not in the register" in reasons[1].why  # type: ignore[union-attr]
    assert "by sms now" in reasons[2].why  # type: ignore[union-attr]
    assert "no notice" in reasons[3].why  # type: ignore[union-attr]
    assert there.calls == []
    await channel.close()


async def test_what_fails_waits_longer_and_is_given_up(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "wecom", clock)
    there.mode[LOUD] = "busy"
    waits = []
    for attempts in range(20):
        clock.forward(60)
        said = await answer(channel, waiting(attempts=attempts))
        if isinstance(said, Later):
            waits.append(said.seconds)
    assert said == Refused("given up after 20 attempts, the last: WeCom is busy (-1)")
    assert len(waits) == 19
    assert waits[0] <= 2
    assert all(2**n <= wait <= 2 ** (n + 1) for n, wait in enumerate(waits[:7]))
    assert all(150 <= wait <= 300 for wait in waits[8:])
    clock.now = NOON
    clock.forward(7 * 3600)
    assert isinstance(await answer(channel, waiting(attempts=1)), Later)
    said = await answer(channel, waiting(attempts=2))
    assert isinstance(said, Refused)
    assert "3 attempts" in said.why
    await channel.close()


async def emptied(channel: PeopleChannel, clock: Clock, rest: list[Waiting]) -> float:
    """Give all of these to the channel until none is left; how long that took by the clock."""
    begun = clock.now
    while rest:
        before = len(rest)
        for message, said in await told(channel, *rest):
            if isinstance(said, Later):
                assert not said.tried, said
                clock.forward(said.seconds)
            else:
                assert said == Sent()
                rest.remove(message)
        assert len(rest) < before or clock.now > begun
    return (clock.now - begun).total_seconds()


@pytest.mark.parametrize(("kind", "most_s"), [("wecom", 5), ("dingtalk", 5), ("feishu", 5)])
async def test_near_its_limit_a_robot_says_all_in_one(
    there: Robots, clock: Clock, kind: str, most_s: float
) -> None:
    channel = channel_to(there, kind, clock)
    every = [waiting(number) for number in range(1, 121)]
    took = await emptied(channel, clock, [*every])
    assert there.wrong == []
    assert took <= most_s
    text = "\n".join(one.text for one in there.taken)
    assert [text.count(notice(n).answer_link) for n in range(1, 121)] == [1] * 120
    numbers = [int(n) for n in re.findall(r"/a/0*(\d+)", text)]
    assert numbers == sorted(numbers)
    assert any(one.key.startswith("digest/") for one in there.taken)
    print(f"{kind}: 120 notices in {len(there.calls)} calls, {took:g} s")
    await channel.close()


async def test_a_steady_flow_never_passes_the_limit(there: Robots, clock: Clock) -> None:
    """One a second for five minutes; nobody waits half a minute."""
    channel = channel_to(there, "dingtalk", clock)
    rest: list[Waiting] = []
    slowest, due = 0.0, clock.now
    for second in range(300):
        clock.forward(1)
        rest.append(waiting(second, created_at=clock.now))
        if clock.now < due:
            continue
        for message, said in await told(channel, *rest):
            if isinstance(said, Later):
                due = clock.now + timedelta(seconds=said.seconds)
            else:
                slowest = max(slowest, (clock.now - message.created_at).total_seconds())
                rest.remove(message)
    assert there.wrong == []
    assert 300 - len(rest) == sum(one.text.count("/a/0") for one in there.taken)
    assert slowest <= 20
    print(f"the slowest waited {slowest:g} s, {len(there.calls)} calls for 300")
    await channel.close()


async def test_a_blocked_robot_is_left_alone(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "dingtalk", clock)
    there.mode[LOUD] = ["blocked"]
    said = await answer(channel)
    assert isinstance(said, Later)
    assert said.seconds == 600
    clock.forward(599)
    said = await answer(channel)
    assert isinstance(said, Later)
    assert (said.tried, len(there.calls)) == (False, 1)
    clock.forward(2)
    assert await answer(channel) == Sent()
    await channel.close()


async def test_two_contacts_with_one_robot_share_its_limit(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "wecom", clock)
    desk = channel.desk
    assert isinstance(desk, MemoryDesk)
    desk.contacts["c-2"] = contact("wecom", there.url("wecom", LOUD), name="c-2")
    for number in range(60):
        await told(channel, waiting(number, f"c-{number % 2 + 1}"))
    assert there.wrong == []
    await channel.close()


async def test_a_slow_one_holds_up_nobody(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "webhook", clock)
    desk = channel.desk
    assert isinstance(desk, MemoryDesk)
    for number in range(2, 30):
        name = f"c-{number}"
        desk.contacts[name] = contact("webhook", there.url("webhook", name), name=name)
    there.mode[LOUD] = "silent"
    found: list[str] = []
    messages = [waiting(number, f"c-{number}") for number in range(1, 30)]
    sending = asyncio.create_task(
        channel.send(messages, lambda one, _: found.append(one.destination))
    )
    async with asyncio.timeout(20):
        while len(found) < 28:  # noqa: ASYNC110 - told in another task
            await asyncio.sleep(0.01)
    assert "c-1" not in found
    sending.cancel()
    await asyncio.wait([sending])
    await channel.close()


async def test_through_a_proxy(there: Robots, clock: Clock) -> None:
    """The servers stand for a proxy, too: only through it is the name reached."""
    proxy = f"http://user:loud@127.0.0.1:{there.port}"
    channel = channel_to(there, "wecom", clock, notify_wecom_proxy=proxy)
    desk = channel.desk
    assert isinstance(desk, MemoryDesk)
    desk.contacts["c-1"] = contact("wecom", "http://robot.invalid/cgi-bin/webhook/send?key=k")
    assert await answer(channel) == Sent()
    assert there.calls[0].headers["proxy-authorization"].startswith("Basic ")
    assert there.calls[0].headers["host"] == "robot.invalid"
    await channel.close()
    with pytest.raises(InvalidInput, match="WHISTLE_NOTIFY_WECOM_PROXY") as refused:
        channel_to(there, "wecom", clock, notify_wecom_proxy="socks5://user:loud@host:1")
    assert "loud" not in str(refused.value)


async def test_a_certificate_is_checked(tmp_path: Path, clock: Clock) -> None:
    tls, certificate = own_certificate(tmp_path)
    async with robots(clock, tls) as there:
        channel = channel_to(there, "feishu", clock)
        said = await answer(channel)
        assert isinstance(said, Later)
        assert said.why == "the other side's certificate is not accepted"
        await channel.close()
        channel = channel_to(there, "feishu", clock, notify_ca_file=certificate)
        assert await answer(channel) == Sent()
        await channel.close()
    with pytest.raises(InvalidInput, match="WHISTLE_NOTIFY_CA_FILE"):
        channel_to(there, "feishu", clock, notify_ca_file=tmp_path / "none.pem")


async def test_no_gateway_no_message(there: Robots, clock: Clock) -> None:
    desk = MemoryDesk({"c-1": contact("sms", "13800001234")})
    channel = SmsChannel(desk, NotifySettings(), clock)
    said = await answer(channel)
    assert isinstance(said, Refused)
    assert "WHISTLE_NOTIFY_SMS_URL" in said.why
    await channel.close()


async def test_a_text_without_room_for_its_link_is_refused(there: Robots, clock: Clock) -> None:
    channel = channel_to(there, "wecom", clock)
    long = notice(answer_link="https://ack.example/" + "a" * 2100)
    said = await answer(channel, waiting(payload=payload_of(long)))
    assert isinstance(said, Refused)
    assert there.calls == []
    await channel.close()


def test_every_odd_answer_is_tried() -> None:
    assert set(ODD) <= {mode for _, mode, _, _ in MEANT}
