"""In the alert drawer: keep an alert silent for a while 静默, or hear it again."""

from datetime import UTC, datetime

from dashboard.alert import Alert
from dashboard.i18n import Language, words
from dashboard.markup import Markup, tag
from dashboard.panels.parts import clock
from domain.alert_silence import shift_end
from domain.clock import SHANGHAI


def silence(alert: Alert, now: float, lang: Language) -> Markup | None:
    """What holds now with a button that ends it, or the form that begins one; `now` by the tick."""
    if not alert.open:
        return None
    return _standing(alert, lang) if alert.silenced else _offer(alert, now, lang)


def _standing(alert: Alert, lang: Language) -> Markup:
    """Until when, who answers for it, why."""
    _ = words(lang).gettext
    until = "" if alert.silence_until is None else clock(alert.silence_until, "short")
    return tag(
        "div",
        tag(
            "div",
            tag("b", _("Silenced until"), " ", until),
            tag("span", alert.silence_owner, class_="by"),
            class_="row",
        ),
        tag("div", alert.silence_reason, class_="why"),
        tag("button", _("End the silence"), type="button", class_="act", data_act="hear"),
        class_="silenced-now",
    )


def _offer(alert: Alert, now: float, lang: Language) -> Markup:
    _ = words(lang).gettext
    shift = shift_end(datetime.fromtimestamp(now, UTC)).astimezone(SHANGHAI)
    ends = {
        "1h": _("for 1 hour"),
        "4h": _("for 4 hours"),
        "shift": _("to the end of the shift, {time}").format(time=f"{shift:%H:%M}"),
        "time": _("until …"),
    }
    past = None
    if alert.silence_over and alert.silence_until is not None:
        past = tag(
            "p", _("Silence ended"), " ", clock(alert.silence_until, "short"), " · ",
            alert.silence_owner, " · ", alert.silence_reason, class_="why",
        )  # fmt: skip
    return tag(
        "div",
        tag("button", _("Silence …"), type="button", class_="act", data_silence_open=True),
        past,
        tag(
            "div",
            tag(
                "select",
                *(tag("option", label, value=key) for key, label in ends.items()),
                data_until=True,
                aria_label=_("Silent until"),
            ),
            tag(
                "input",
                type="text",
                maxlength=5,
                placeholder="20:30",
                inputmode="numeric",
                data_until_time=True,
                aria_label=_("Silent until this time of day"),
                autocomplete="off",
            ),
            tag(
                "input",
                type="text",
                maxlength=200,
                data_silence_why=True,
                placeholder=_("why it need not be heard"),
                aria_label=_("Reason of the silence"),
                autocomplete="off",
            ),
            tag("button", _("Keep silent"), type="button", class_="act", data_act="silence"),
            class_="form silence",
        ),
        class_="silencing",
    )
