"""The stand-ins answer in a thread of their own, as the channels' tests know them in a loop."""

import asyncio

from messengers import messengers
from notices_out import MemoryDesk, contact, notice, told, waiting

from domain.clock import utc_now
from domain.notices import text_of
from streams.notify.smtp import SmtpChannel
from streams.notify.wecom import WeComChannel
from streams.outbox.channel import Sent
from streams.settings import NotifySettings


def test_they_answer_beside_a_test_without_a_loop() -> None:
    with messengers() as there:
        desk = MemoryDesk(
            {
                "c-1": contact("wecom", there.robots.url("wecom", "one")),
                "c-2": contact("smtp", "duty@office.example", name="c-2"),
            }
        )
        settings = NotifySettings(
            notify_smtp_host="127.0.0.1",
            notify_smtp_port=there.mails.port,
            notify_smtp_security="none",
        )

        async def send() -> None:
            wecom, smtp = WeComChannel(desk, settings, utc_now), SmtpChannel(desk, settings)
            found = await told(wecom, waiting(1)) + await told(smtp, waiting(2, "c-2"))
            assert [said for _, said in found] == [Sent(), Sent()]
            await wecom.close()

        asyncio.run(send())
        assert [one.text for one in there.told("one")] == [text_of(notice(1), 2048)]
        (mail,) = there.mailed("duty@office.example")
        assert notice(2).answer_link in mail
        assert set(there.environment) < {f"WHISTLE_{name.upper()}" for name, _ in settings}
