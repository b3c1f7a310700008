"""The HTML that every viewer gets first: Streamlit's own page, dark from the first byte."""

import re
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import orjson
import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dashboard.atlas import Atlas
from dashboard.i18n import LANGUAGES, TAGS, Language, language, words
from dashboard.script_words import all_script_words
from layers.palette import COLOURS, stylesheet

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' blob: 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""Content-Security-Policy: no inline script, nothing from another host."""


def page_routes(atlas: Atlas) -> list[Route]:
    """The page itself; the browser's script finds the districts' names in it."""

    async def index(request: Request) -> Response:
        lang = language(request.query_params.get("lang"))
        headers = {"cache-control": "no-cache", "content-security-policy": POLICY}
        names = {each: atlas.gazetteer.names(each) for each in LANGUAGES}
        view = view_of(request.query_params)
        return HTMLResponse(page(lang, orjson.dumps(names).decode(), view=view), headers=headers)

    return [Route("/", index)]


def view_of(asked: Mapping[str, str]) -> str:
    """Which page the address asks for: `live`, `wall`, `permits` or `incidents`, as the script."""
    if asked.get("view") == "wall":
        return "wall"
    page = asked.get("page")
    return page if page in {"permits", "incidents"} else "live"


@lru_cache(maxsize=8)
def page(lang: Language, districts: str, *, view: str = "live") -> str:
    """Streamlit's page with our head: language, title, colours, script; no font to download."""
    source = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    _ = words(lang).gettext
    source = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    source = re.sub(r"<link\s+rel=\"preload\"[^>]*as=\"font\"[^>]*/>", "", source, flags=re.DOTALL)
    source = re.sub(r"<script>\s*window\.prerenderReady.*?</script>", "", source, flags=re.DOTALL)
    source = re.sub(r"<noscript>.*?</noscript>", "", source, flags=re.DOTALL)
    source = re.sub(r"<link rel=\"service-desc\"[^>]*/>", "", source)
    mark = "" if view == "live" else f' data-view="{view}"'
    source = source.replace('<html lang="en">', f'<html lang="{TAGS[lang]}" translate="no"{mark}>')
    titles = {"wall": _("Wall"), "permits": _("Permits"), "incidents": _("Incidents")}
    title = titles.get(view, _("Live"))
    source = source.replace("<title>Streamlit</title>", f"<title>{title} · {_('Whistle')}</title>")
    source = source.replace("./favicon.png", "/assets/mark.svg")
    source = source.replace("<head>", "<head>" + _head(districts), 1)
    return source.replace('<div id="root"></div>', _shell(lang) + '<div id="root"></div>', 1)


def _head(districts: str) -> str:
    spoken = orjson.dumps(all_script_words()).decode().replace("<", "\\u003c")
    named = districts.replace("<", "\\u003c")
    ground = COLOURS["ground"]
    return (
        f'<meta name="theme-color" content="{ground}">'
        f"<style>{stylesheet()}html,body,#root{{background:{ground}!important}}</style>"
        f'<link rel="stylesheet" href="/assets/console.css?v={version("console.css")}">'
        f'<link rel="stylesheet" href="/assets/wall.css?v={version("wall.css")}">'
        f'<link rel="stylesheet" href="/assets/permits.css?v={version("permits.css")}">'
        f'<link rel="stylesheet" href="/assets/incidents.css?v={version("incidents.css")}">'
        f'<script type="application/json" id="whistle-words">{spoken}</script>'
        f'<script type="application/json" id="whistle-districts">{named}</script>'
        f'<script type="module" src="/assets/console.js?v={version("console.js")}"></script>'
    )


def _shell(lang: Language) -> str:
    """The empty frame that stands until the first panels are mounted, and behind them."""
    _ = words(lang).gettext
    return (
        '<div id="shell" aria-hidden="true"><div class="shell-header"><span class="logo"></span>'
        f'<b>{_("Whistle")}</b></div><div class="shell-left"></div><div class="shell-right"></div>'
        '<div class="shell-bar"></div></div>'
    )


@cache
def version(name: str) -> str:
    """Changes with the content of any script or stylesheet of ours."""
    folder = files("dashboard") / "static"
    every = sorted((entry for entry in folder.iterdir()), key=lambda entry: entry.name)
    return f"{zlib.crc32(b''.join(entry.read_bytes() for entry in every)):08x}"
