"""Settings of the streams, from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.thinning import Bound


class StreamSettings(BaseSettings):
    """How sentences are taken and what is believed; docs/settings.md lists each variable."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    source_queue_batches: int = Field(default=32, ge=1)
    """Batches (of at most 64 KiB read at once) between a source and the decoder."""
    source_idle_s: float = Field(default=120.0, gt=0)
    """Seconds without a byte after which a connection counts as dead."""
    source_retry_first_s: float = Field(default=0.5, gt=0)
    source_retry_most_s: float = Field(default=30.0, gt=0)
    """The waits before a client connects again grow from the first to the most, with jitter."""
    source_connections: int = Field(default=64, ge=1)
    """Receivers that may be connected to the listener at once."""
    source_udp_kib: int = Field(default=4096, ge=64, le=1_048_576)
    """Datagrams that the kernel is asked to keep while nobody reads, KiB; it may grant less."""
    part_timeout_s: float = Field(default=10.0, gt=0)
    """Seconds that a part of a message waits for the others."""
    time_tolerance_s: float = Field(default=60.0, ge=0)
    """Seconds that a report may lie ahead of our clock."""
    retention_days: float = Field(default=30.0, gt=0)
    """Days after which a report is refused as expired, and rows of positions become blocks."""

    @property
    def retention(self) -> timedelta:
        return timedelta(days=self.retention_days)

    @property
    def time_tolerance(self) -> timedelta:
        return timedelta(seconds=self.time_tolerance_s)

    @property
    def part_timeout(self) -> timedelta:
        return timedelta(seconds=self.part_timeout_s)


class IngestSettings(BaseSettings):
    """How what was taken goes to the store."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    batch_messages: int = Field(default=5000, ge=1, le=100_000)
    """Messages that close a batch, which is one transaction."""
    batch_s: float = Field(default=0.25, gt=0)
    """Seconds that the first message of a batch waits for others."""
    beat_s: float = Field(default=1.0, gt=0)
    """Seconds between two signs of life in `feed_status`."""
    partitions_ahead: int = Field(default=3, ge=1, le=60)
    """Days of `vessel_position` made in advance."""
    rejected_per_minute: int = Field(default=600, ge=0)
    """Refused messages kept per feed and minute of arrival, of a socket or pipe."""
    stop_s: float = Field(default=15.0, gt=0)
    """Seconds that a stop waits for a store that is away, before it gives up with an error."""


class StorageSettings(BaseSettings):
    """What becomes of positions that are older than the retention of rows (docs/storage.md)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    compact: bool = True
    """Whether the ingest compacts by itself; else `whistle compact` has to be run."""
    compact_thin_m: float = Field(default=0.0, ge=0, le=1000)
    """Metres that a track may be off where fixes were left out; 0: none is left out."""
    compact_thin_kn: float = Field(default=0.5, ge=0)
    """Knots that a speed may be off there."""
    compact_exact_min: float = Field(default=30.0, ge=0)
    """Minutes around alerts and crossings in which every fix stays."""
    block_retention_days: float = Field(default=750.0, gt=0)
    """Days after which blocks are dropped, but pinned ones."""
    reading_retention_days: float = Field(default=750.0, gt=0)
    """Days after which readings are dropped, but those that an alert cites."""
    outbox_sent_days: float = Field(default=7.0, gt=0)
    """Days for which what was sent out can be sent again."""
    outbox_unsent_days: float = Field(default=30.0, gt=0)
    """Days after which what nobody could be told is dropped."""

    @property
    def bound(self) -> Bound | None:
        return Bound(self.compact_thin_m, self.compact_thin_kn) if self.compact_thin_m else None

    @property
    def exact_about(self) -> timedelta:
        return timedelta(minutes=self.compact_exact_min)

    @property
    def block_retention(self) -> timedelta:
        return timedelta(days=self.block_retention_days)

    @property
    def reading_retention(self) -> timedelta:
        return timedelta(days=self.reading_retention_days)

    @property
    def outbox_sent(self) -> timedelta:
        return timedelta(days=self.outbox_sent_days)

    @property
    def outbox_unsent(self) -> timedelta:
        return timedelta(days=self.outbox_unsent_days)


class KafkaSettings(BaseSettings):
    """Where the broker is and how this process makes itself known there."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    kafka_bootstrap: str = ""
    """Brokers to ask first, `host:port`, several by comma; empty: no Kafka."""
    kafka_prefix: str = ""
    """Stands before the name of every topic, for several installations at one broker."""
    kafka_security: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_mechanism: Literal["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"] = "SCRAM-SHA-512"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: Path | None = None
    """Certificate authority that signed the brokers'; none: the system's."""
    kafka_client_id: str = Field(default="whistle", min_length=1)
    kafka_group: str = Field(default="whistle-ingest", min_length=1)
    """Workers of one group share the partitions."""
    kafka_session_s: float = Field(default=10.0, ge=1)
    """Seconds without a sign of life after which a worker's partitions go to others."""
    kafka_replication: int = Field(default=1, ge=1)
    """Copies of each partition of a topic that `whistle topics create` makes."""


class RelaySettings(BaseSettings):
    """How `whistle relay` brings sentences to the broker."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    relay_name: str = Field(default="", max_length=100)
    """Name of this relay in its records; empty: that of the machine."""
    relay_spool: Path = Path(".whistle/relay")
    """Folder of the spool; one relay each."""
    relay_spool_mib: int = Field(default=1024, ge=16)
    """Size of the spool, MiB; when it is full the oldest is given up."""
    relay_batch_messages: int = Field(default=500, ge=1, le=5000)
    """Messages that close a record."""
    relay_batch_s: float = Field(default=0.1, gt=0)
    """Seconds that the first message of a record waits for others."""
    relay_patience_s: float = Field(default=2.0, gt=0)
    """Seconds without an answer after which the broker counts as away."""
    relay_sync_s: float = Field(default=1.0, gt=0)
    """Seconds after which what waits in the spool is brought to the disk."""
    relay_drain_s: float = Field(default=10.0, ge=0)
    """Seconds that a stop waits for the broker; the rest stays in the spool."""

    @property
    def spool_bytes(self) -> int:
        return self.relay_spool_mib * 1024 * 1024


class OutboxSettings(BaseSettings):
    """How `whistle outbox` sends what goes out."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    outbox_poll_s: float = Field(default=0.5, gt=0, le=1)
    """Seconds between two looks at the store while nothing is due."""
    outbox_takeover_s: float = Field(default=10.0, ge=0.5, le=300)
    """Seconds without a word after which the store lets another process send."""
    outbox_patience_s: float = Field(default=2.0, gt=0)
    """Seconds without an answer after which the other side counts as away."""
    outbox_drain_s: float = Field(default=5.0, ge=0)
    """Seconds without an answer that a stop waits for what is on its way."""


class NotifySettings(BaseSettings):
    """How people are told by their messengers (docs/channels.md)."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    notify_attempt_s: float = Field(default=10.0, gt=0, le=60)
    """Seconds in which an attempt has to be answered."""
    notify_attempts: int = Field(default=20, ge=1)
    """Attempts after which a message is given up."""
    notify_hours: float = Field(default=6.0, gt=0)
    """Hours after which a message is given up that failed three times."""
    notify_retry_first_s: float = Field(default=2.0, gt=0)
    notify_retry_most_s: float = Field(default=300.0, gt=0)
    """The waits between attempts grow from the first to the most, with jitter."""
    notify_wecom_proxy: SecretStr = SecretStr("")
    notify_dingtalk_proxy: SecretStr = SecretStr("")
    notify_feishu_proxy: SecretStr = SecretStr("")
    notify_sms_proxy: SecretStr = SecretStr("")
    notify_webhook_proxy: SecretStr = SecretStr("")
    notify_smtp_proxy: SecretStr = SecretStr("")
    """URL of an HTTP proxy, each for its channel; empty: straight."""
    notify_ca_file: Path | None = None
    """Certificate authority that is trusted beside the usual ones."""
    notify_sms_url: SecretStr = SecretStr("")
    """Where text messages are handed over; empty: none are sent."""
    notify_sms_secret: SecretStr = SecretStr("")
    notify_sms_bytes: int = Field(default=600, ge=200, le=4000)
    """Bytes of UTF-8 in a text message; a Chinese character takes three."""
    notify_smtp_host: str = ""
    """Mail server; empty: no mail is sent."""
    notify_smtp_port: int = Field(default=465, ge=1, le=65_535)
    notify_smtp_security: Literal["tls", "starttls", "none"] = "tls"
    notify_smtp_user: str = ""
    notify_smtp_password: SecretStr = SecretStr("")
    notify_smtp_from: str = "whistle@localhost"


class DoorSettings(BaseSettings):
    """What a checkpoint's device may send to `whistle receive`, and how fast."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore")

    door_rate_per_s: float = Field(default=5.0, gt=0)
    """Requests a second that one device may send in the long run."""
    door_burst: int = Field(default=20, ge=1)
    """Requests that it may send at once after a pause."""
    door_body_kib: int = Field(default=64, ge=1, le=1024)
    """Largest JSON body, KiB."""
    door_body_s: float = Field(default=15.0, gt=0)
    """Seconds in which the head of a request has to come, and then its body."""
    door_image_mib: float = Field(default=8.0, gt=0, le=64)
    """Largest image, MiB."""
    door_image_megapixels: float = Field(default=25.0, gt=0, le=100)
    """Most pixels of an image, millions; decoded it takes 4 bytes each."""
    door_image_daily_mib: float = Field(default=1024.0, gt=0)
    """New images that one device may leave in the store per UTC day, MiB."""
    door_register_s: float = Field(default=1.0, ge=0)
    """Seconds for which points and tokens are remembered: a revoked token ends by then."""
    door_beat_s: float = Field(default=1.0, gt=0)
    """Seconds between two writes of contacts and refusals."""
    door_store_s: float = Field(default=10.0, gt=0)
    """Seconds that a request waits for the store before it is told to come again."""
    door_stop_s: float = Field(default=10.0, gt=0)
    """Seconds in which a stop lets requests end that are being answered."""
    door_connections: int = Field(default=512, ge=1)
    """Connections at once; more are told to come again."""

    @property
    def body_bytes(self) -> int:
        return self.door_body_kib * 1024

    @property
    def image_bytes(self) -> int:
        return int(self.door_image_mib * 1024 * 1024)

    @property
    def image_daily_bytes(self) -> int:
        return int(self.door_image_daily_mib * 1024 * 1024)

    @property
    def image_pixels(self) -> int:
        return int(self.door_image_megapixels * 1_000_000)


class SealSettings(BaseSettings):
    """Whether the watch seals what was recorded, and with which key."""

    model_config = SettingsConfigDict(env_prefix="WHISTLE_", extra="ignore", env_ignore_empty=True)

    seal_key_file: Path | None = None
    """File of the private key; without one nothing is sealed."""
    seal_every_s: float = Field(default=60.0, gt=0)
    """Seconds between two turns of sealing."""
