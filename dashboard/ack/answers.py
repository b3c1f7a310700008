"""The buttons of the one-tap page, a form each: 收到, 出发, 到场, 不能来."""

from typing import Final
from uuid import UUID

from dashboard.i18n import Language, words
from dashboard.markup import Markup, join, tag
from domain.musters import REASON_MOST, Answer, Call

ETA_MIN: Final = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180)
"""Minutes to choose from; to say none is possible, nothing is assumed."""


def answer_forms(call: Call, lang: Language, form_id: UUID) -> Markup:
    """All buttons, the next one to be expected marked; what was said may be said otherwise."""
    _ = words(lang).gettext
    acknowledged = call.acknowledged_at is not None
    under_way = call.on_the_way_at is not None
    there = call.on_scene_at is not None
    forms = []
    if not acknowledged:
        forms.append(_form(Answer.ACKNOWLEDGED, lang, form_id, _button(_("Acknowledge"), go=True)))
    if not there:
        again = _("New time of arrival") if under_way else _("Set off")
        forms.append(
            _form(
                Answer.ON_THE_WAY,
                lang,
                form_id,
                _minutes(lang),
                _button(again, go=acknowledged and not under_way),
            )
        )
        forms.append(_form(Answer.ON_SCENE, lang, form_id, _button(_("I am there"), go=under_way)))
    return join(_place(lang), *forms, _decline(lang, form_id))


def _form(answer: Answer, lang: Language, form_id: UUID, *inside: Markup) -> Markup:
    return tag(
        "form",
        tag("input", type="hidden", name="said", value=answer.value),
        tag("input", type="hidden", name="id", value=str(form_id)),
        *(tag("input", type="hidden", name=name) for name in ("lon", "lat", "accuracy")),
        *inside,
        method="post",
        action=f"?lang={lang}",
        data_answer=answer.value,
    )


def _button(label: str, *, go: bool = False) -> Markup:
    return tag("button", label, type="submit", class_="go" if go else None)


def _minutes(lang: Language) -> Markup:
    _ = words(lang).gettext
    choices = [tag("option", _("not said"), value="")]
    choices += [tag("option", _("in {n} min").format(n=one), value=one) for one in ETA_MIN]
    return tag("label", _("I arrive"), tag("select", *choices, name="eta"))


def _decline(lang: Language, form_id: UUID) -> Markup:
    _ = words(lang).gettext
    usual = (_("busy on another scene"), _("out of the district"), _("off duty"))
    ready = [
        tag("button", one, name="reason", value=one, class_="small", formnovalidate=True)
        for one in usual
    ]
    typed = tag(
        "label",
        _("or why, in words"),
        tag("input", name="reason", required=True, maxlength=REASON_MOST, autocomplete="off"),
    )
    form = _form(
        Answer.DECLINED,
        lang,
        form_id,
        *ready,
        typed,
        tag("button", _("Send"), type="submit", class_="small"),
    )
    return tag("details", tag("summary", _("I cannot come")), form)


def _place(lang: Language) -> Markup:
    """The own position; shown by the script, where the telephone can tell it."""
    _ = words(lang).gettext
    return tag(
        "div",
        tag("label", tag("input", type="checkbox"), _("Send my position along"), class_="check"),
        tag("output", class_="hint"),
        id="place",
        hidden=True,
        data_asking=_("Waiting for the position …"),
        data_refused=_("The telephone gave no position."),
    )
