"""Words that the browser's script writes by itself, when no server may be there to ask."""

from dashboard.i18n import LANGUAGES, Language, words


def script_words(lang: Language) -> dict[str, str]:
    """Key → words; `{n}` and the like are filled in by the script."""
    _ = words(lang).gettext
    return {
        "title": _("Live"),
        "brand": _("Whistle"),
        "now": _("now"),
        "seconds": _("{n} s"),
        "minutes": _("{n} min"),
        "hours": _("{n} h"),
        "days": _("{n} d"),
        "ago": _("{age} ago"),
        "confirmed": _("certain {age} ago"),
        "data": _("data {age} old"),
        "stale": _("stale, {age} old"),
        "waiting": _("waiting for data"),
        "no_server": _("No connection to the server"),
        "no_server_why": _(
            "The picture is from {time}. It renews itself when the connection is back."
        ),
        "frozen": _("This page is cut off from the server"),
        "frozen_why": _("The server answers, but this page has had no news since {time}."),
        "no_database": _("The database is away"),
        "no_database_why": _("The picture is from {time}. Recovery is tried every second."),
        "stalled": _("The console has stopped reading"),
        "stalled_why": _("The picture is from {time}. The server runs, but takes no new one."),
        "silent": _("The feed is silent"),
        "silent_why": _("{feed}: connected, but no sentence for {age}."),
        "deaf": _("Receiver without signal"),
        "deaf_why": _(
            "{feed}, receiver {station}: nobody heard for {age}. Its vessels have not gone dark."
        ),
        "cut": _("Data link down: the feed is disconnected"),
        "cut_why": _("{feed}: the source is not connected. Last sentence {age} ago."),
        "idle": _("Data link down: the receiving service does not answer"),
        "idle_why": _("{feed}: no sign of life for {age}."),
        "no_broker": _("Data channel down: nothing comes through"),
        "no_broker_why": _(
            "No answer for {age}. The relays store what comes and send it when it is back."
        ),
        "no_watch": _("Nobody looks for alerts"),
        "no_watch_why": _(
            "The alert watch has ended no round for {age}. What is new is missing until it runs."
        ),
        "no_feed": _("No source has reported yet"),
        "no_feed_why": _("Start a feed; barges appear with their first position."),
        "over": _("The recording has ended"),
        "over_why": _("{feed}: it came to its end {age} ago; nothing new arrives."),
        "on": _("connected"),
        "off": _("disconnected"),
        "quiet": _("silent"),
        "dead": _("no sign of life"),
        "ended": _("ended"),
        "unsure": _("unknown"),
        "lost": _("lost"),
        "kmh": _("{n} km/h"),
        "lying": _("lying still"),
        "no_speed": _("speed unknown"),
        "border": _("border water, {district} side"),
        "none_found": _("No vessel matches “{query}”."),
        "none_yet": _("Vessels appear with their first position."),
        "of": _("{n} of {all}"),
        "today": _("{n} today"),
        "copied": _("copied"),
        "not_copied": _("Not copied: this browser does not allow it. Select the text by hand."),
        "selected": _("{n} selected"),
        "per_hour": _("{n} open · {hour}/h"),
        "not_current": _("▲ {n} known"),
        "shown_of": _("{n} of {all} · {hour}/h"),
        "handled": _("{n} done"),
        "moved": _("{n} had changed meanwhile: look again"),
        "not_done": _("Not done: the store did not answer. Try again."),
        "need_reason": _("A rejection needs a reason."),
        "need_why": _("Say why."),
        "need_name": _("Write your name into the top bar first."),
        "need_file": _("Choose a file first."),
        "papers": _("{n} papers"),
        "incidents": _("{n} incidents"),
        "need_mmsi": _("An MMSI of up to nine digits."),
        "need_time": _("A time of day, as 20:30."),
        "outside": _("outside the area"),
        "rest": _("+{n} not shown"),
        "others": _("+{n} more new high alerts"),
    }


def all_script_words() -> dict[Language, dict[str, str]]:
    """For every language, so that a switch needs no request."""
    return {lang: script_words(lang) for lang in LANGUAGES}
