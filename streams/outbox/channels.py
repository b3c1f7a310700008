"""The ways out that there are."""

from typing import Final

from db.people import contact
from streams.notify.board import BoardChannel
from streams.notify.desk import StoreDesk
from streams.notify.dingtalk import DingTalkChannel
from streams.notify.feishu import FeishuChannel
from streams.notify.people import PeopleChannel
from streams.notify.sms import SmsChannel
from streams.notify.smtp import SmtpChannel
from streams.notify.webhook import WebhookChannel
from streams.notify.wecom import WeComChannel
from streams.outbox.channel import Channel
from streams.outbox.kafka import KafkaChannel
from streams.settings import KafkaSettings, NotifySettings

_PEOPLE: Final[tuple[type[PeopleChannel], ...]] = (
    BoardChannel,
    WeComChannel,
    DingTalkChannel,
    FeishuChannel,
    SmsChannel,
    WebhookChannel,
    SmtpChannel,
)


def channels(kafka: KafkaSettings, notify: NotifySettings, url: str) -> list[Channel]:
    """Those to people, and before them Kafka where a broker is set; `url`: of the store.

    Raises `InvalidInput` for a setting that cannot be.
    """
    made: list[Channel] = [KafkaChannel(kafka)] if kafka.kafka_bootstrap else []
    return [*made, *people_channels(notify, url)]


def people_channels(notify: NotifySettings, url: str) -> list[Channel]:
    """One of each messenger. Raises `InvalidInput`."""
    return [one(StoreDesk(url, one.name, contact), notify) for one in _PEOPLE]
