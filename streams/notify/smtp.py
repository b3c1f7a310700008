"""E-mail 电子邮件 by SMTP: `Sent` when the first server took it over; bounces come elsewhere."""

import re
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote

import aiosmtplib

from domain.clock import utc_now
from domain.contacts import Contact
from domain.notices import subject_of, text_of
from streams.notify.desk import Desk
from streams.notify.people import Clock, Letter, PeopleChannel
from streams.notify.proxy import ProxyRefused, connected, proxy_of, trust
from streams.outbox.channel import Answer, Later, Refused, Sent
from streams.settings import NotifySettings

_TEXT_BYTES = 20_000
_ATEXT = "!#$&'*+-/=?^_`{|}~."
_CODE_NEVER = 500


class SmtpChannel(PeopleChannel):
    """A connection per message; `Message-ID` is the idempotency key, the same when sent again."""

    name = "smtp"

    def __init__(self, desk: Desk, settings: NotifySettings, clock: Clock = utc_now) -> None:
        """Raises `InvalidInput` for a setting that cannot be."""
        super().__init__(desk, settings, clock)
        self._proxy = proxy_of(settings, self.name)
        self._trust = trust(settings)

    async def hand_over(self, contact: Contact, letter: Letter) -> Answer:
        """As `PeopleChannel` says."""
        host = self.settings.notify_smtp_host
        if not host:
            return Refused("no mail server is set (WHISTLE_NOTIFY_SMTP_HOST)")
        mail = mail_of(letter, contact.address, self.settings.notify_smtp_from)
        try:
            return await self._mail(mail, contact.address)
        except aiosmtplib.SMTPException as error:
            return _judged(error)
        except ProxyRefused as error:
            return Later(str(error), 0)
        except OSError:
            return Later("nobody answers at the mail server's address", 0)

    async def _mail(self, mail: EmailMessage, to: str) -> Answer:
        settings = self.settings
        host, port = settings.notify_smtp_host, settings.notify_smtp_port
        sock = None if self._proxy is None else await connected(self._proxy, host, port)
        client = aiosmtplib.SMTP(
            hostname=host,
            port=None if sock else port,
            sock=sock,
            local_hostname=_host_of(settings.notify_smtp_from),
            username=settings.notify_smtp_user or None,
            password=settings.notify_smtp_password.get_secret_value() or None,
            use_tls=settings.notify_smtp_security == "tls",
            start_tls=settings.notify_smtp_security == "starttls",
            tls_context=None if settings.notify_smtp_security == "none" else self._trust,
            timeout=settings.notify_attempt_s,
        )
        try:
            await client.connect()
            await client.sendmail(settings.notify_smtp_from, [to], mail.as_bytes())
        finally:
            client.close()
        return Sent()


def mail_of(letter: Letter, to: str, sender: str) -> EmailMessage:
    """The whole message; made twice it is the same."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject_of(letter.notice)
    mail["Date"] = format_datetime(letter.message.created_at)
    mail["Message-ID"] = message_id(letter.message.message_id, _host_of(sender))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text_of(letter.notice, _TEXT_BYTES), cte="base64")
    return mail


def message_id(key: str, host: str) -> str:
    """`<notice/4f2c@host>`: the key, escaped where a mail's id may not have a character."""
    local = re.sub(r"\.(?=\.|$)|^\.", "%2E", quote(key, safe=_ATEXT))
    return f"<{local}@{host}>"


def _host_of(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"


def _judged(error: aiosmtplib.SMTPException) -> Answer:
    """In words of ours: the server's may repeat the address."""
    answer: Answer = Later("the mail server's answer makes no sense", 0)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        answer = Later(f"the mail server does not accept user and password ({error.code})", 0)
    elif isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        answer = _by_code("the recipient", error.recipients[0].code)
    elif isinstance(error, aiosmtplib.SMTPSenderRefused):
        answer = _by_code("the sender", error.code)
    elif isinstance(error, aiosmtplib.SMTPDataError):
        answer = _by_code("the message", error.code)
    elif isinstance(error, aiosmtplib.SMTPNotSupported):
        answer = Later("the mail server does not offer what is set: STARTTLS, or a sign-in", 0)
    elif isinstance(error, aiosmtplib.SMTPTimeoutError):
        answer = Later("the mail server does not answer in time", 0)
    elif isinstance(error, aiosmtplib.SMTPServerDisconnected):
        answer = Later("the mail server broke off", 0)
    elif isinstance(error, aiosmtplib.SMTPConnectError):
        answer = Later("nobody answers at the mail server's address, or not in confidence", 0)
    return answer


def _by_code(what: str, code: int) -> Answer:
    why = f"the mail server refuses {what} ({code})"
    return Refused(why) if code >= _CODE_NEVER else Later(why, 0)
