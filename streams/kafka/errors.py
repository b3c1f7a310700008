"""What goes wrong with a broker, as errors an operator reads."""

from typing import ClassVar

from aiokafka import errors as kafka

from domain.errors import WhistleError


class BrokerError(WhistleError):
    """The broker refused, or gave an answer that makes no sense."""

    code: ClassVar[str] = "kafka.error"


class BrokerUnavailable(BrokerError):
    """Nobody answers at the broker's address, or the connection was lost: try again."""

    code: ClassVar[str] = "kafka.unavailable"
    retriable: ClassVar[bool] = True


class NoLeader(BrokerError):
    """A partition has no leader now: its brokers are away, try again."""

    code: ClassVar[str] = "kafka.no_leader"
    retriable: ClassVar[bool] = True


class BrokerRefused(BrokerError):
    """Wrong user or password, or the user lacks a right."""

    code: ClassVar[str] = "kafka.refused"


class UnknownTopic(BrokerError):
    """A topic is not there; `whistle topics create` makes it."""

    code: ClassVar[str] = "kafka.unknown_topic"


_REFUSED = (
    kafka.AuthenticationFailedError,
    kafka.SaslAuthenticationFailed,
    kafka.UnsupportedSaslMechanismError,
    kafka.IllegalSaslStateError,
)
_MISSING_RIGHT = (
    kafka.TopicAuthorizationFailedError,
    kafka.GroupAuthorizationFailedError,
    kafka.ClusterAuthorizationFailedError,
)
_NO_LEADER = (
    kafka.LeaderNotAvailableError,
    kafka.NotLeaderForPartitionError,
    kafka.NotEnoughReplicasError,
)


def broker_error(error: BaseException) -> WhistleError | None:
    """The `WhistleError` that `error` stands for, or `None` if it is none of the broker's."""
    found: WhistleError | None = None
    said = str(error) or type(error).__name__
    if isinstance(error, WhistleError):
        found = error
    elif isinstance(error, _REFUSED):
        found = BrokerRefused(f"the broker does not accept this user and password: {said}")
    elif isinstance(error, _MISSING_RIGHT):
        found = BrokerRefused(f"this user lacks a right at the broker: {said}")
    elif isinstance(error, kafka.UnknownTopicOrPartitionError):
        found = UnknownTopic(f"{said}; run `whistle topics create`")
    elif isinstance(error, _NO_LEADER):
        found = NoLeader(f"a partition has no leader: {said}")
    elif isinstance(error, kafka.KafkaError):
        found = BrokerUnavailable(said) if error.retriable else BrokerError(said)
    elif isinstance(error, OSError | TimeoutError):
        found = BrokerUnavailable(said)
    return found
