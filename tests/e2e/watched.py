"""A page that is looked at more closely: its pixels, what it fetched, and whom it asked."""

import contextlib
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from console_process import SIZE, Console
from playwright.sync_api import Browser, Page, WebSocketRoute

from layers.deck import VIEW

Centre = tuple[float, float]
"""Longitude and latitude of the middle of the map."""
OpenWatched = Callable[..., Page]
"""Opens the Live page: a query, and where the map is to open."""

HALF = 8
"""Half the side of the square of CSS pixels that is looked at for one barge."""

SEEN = 5
"""More bright pixels than this are a barge (which has about fifty), fewer its neighbour's edge."""

HOOKS = """
const get = HTMLCanvasElement.prototype.getContext
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return get.call(this, kind, kind.startsWith('webgl')
    ? { ...options, preserveDrawingBuffer: true } : options)
}
const real = window.fetch
window.fetched = {}
window.fetch = async (...asked) => {
  const answer = await real(...asked)
  const found = String(asked[0]?.url ?? asked[0]).match(/live.vessels\\.json\\?tick=(\\d+)/)
  if (found && answer.ok) {
    answer.clone().text().then(text => { (window.fetched[found[1]] ??= []).push(text) })
    for (const tick of Object.keys(window.fetched).slice(0, -8)) delete window.fetched[tick]
  }
  return answer
}
const pads = {}
window.lit = places => {
  const canvas = document.querySelector('[data-testid=stDeckGlJsonChart] canvas')
  if (!canvas) return places.map(() => -1)
  const box = canvas.getBoundingClientRect(), k = canvas.width / box.width, side = 2 * HALF
  const pad = pads[places.length] ??=
    new OffscreenCanvas(side * places.length, side).getContext('2d', { willReadFrequently: true })
  pad.clearRect(0, 0, side * places.length, side)
  places.forEach(([x, y], n) => pad.drawImage(
    canvas, (x - HALF) * k, (y - HALF) * k, side * k, side * k, n * side, 0, side, side))
  return places.map((_, n) => {
    const { data } = pad.getImageData(n * side, 0, side, side)
    let bright = 0
    // barges are light grey; ground, water and lakes have far less red
    for (let i = 0; i < data.length; i += 4) if (data[i] > 60 && data[i + 1] > 60) bright++
    return bright
  })
}
""".replace("HALF", str(HALF))

PICTURE = """
() => {
  const box = document.querySelector('[data-list]')
  if (!box) return null
  const was = box.scrollTop, rows = new Map()
  const scroll = top => { box.scrollTop = top; box.dispatchEvent(new Event('scroll')) }
  for (let top = 0; ; top += box.clientHeight) {
    scroll(top)
    for (const row of box.querySelectorAll('.vessel')) {
      rows.set(Number(row.getAttribute('aria-posinset')), {
        mmsi: Number(row.dataset.vessel),
        label: row.querySelector('.name').textContent,
        where: row.querySelector('.where').textContent,
        chosen: row.getAttribute('aria-selected') === 'true'
      })
    }
    if (top + box.clientHeight >= box.scrollHeight) break
  }
  scroll(was)
  const bar = document.querySelector('[data-pane=feeds] [data-body]')
  return {
    tick: box.dataset.tick,
    places: [...rows.keys()].sort((a, b) => a - b),
    rows: [...rows.entries()].sort((a, b) => a[0] - b[0]).map(entry => entry[1]),
    head: document.querySelector('[data-count=vessels]').textContent,
    bar: bar?.dataset.tick === box.dataset.tick
      ? bar.querySelector('.totals .fact b').textContent : null,
    fetched: window.fetched[box.dataset.tick] ?? []
  }
}
"""
"""The whole list at one tick, read in one go: the page cannot go on in between."""


def picture(page: Page) -> dict[str, Any] | None:
    """What list, its head and the bar show, and what was fetched for that very tick."""
    found = page.evaluate(PICTURE)
    assert found is None or isinstance(found, dict)
    return found


def lit(page: Page, places: list[tuple[float, float]]) -> list[int]:
    """Bright pixels about each of these places of the map's canvas; -1: there is no canvas."""
    found = page.evaluate("places => window.lit(places)", places)
    assert isinstance(found, list)
    return found


def centre_at(lon: float, lat: float) -> Centre:
    """The nearest middle of the map that `OpenWatched` can ask for."""
    return float(_same_length("longitude", lon)), float(_same_length("latitude", lat))


def on_map(page: Page, lon: float, lat: float, centre: Centre) -> tuple[float, float]:
    """CSS pixels of a place on the canvas of a map that opened at `centre` (Web Mercator)."""
    box = page.locator("[data-testid=stDeckGlJsonChart] canvas").first.bounding_box()
    assert box is not None
    x, y = _world(lon, lat)
    x0, y0 = _world(*centre)
    return box["width"] / 2 + x - x0, box["height"] / 2 + y - y0


def _world(lon: float, lat: float) -> tuple[float, float]:
    scale = 512 * 2 ** VIEW["zoom"]
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return scale * (lon + 180) / 360, scale * (1 - y / math.pi) / 2


def _same_length(side: str, degrees: float) -> str:
    return f"{degrees:.12f}"[: len(str(VIEW[side]))]


@contextlib.contextmanager
def watched(browser: Browser, console: Console) -> Iterator[OpenWatched]:
    """Pages that may ask nobody but the console, by whatever way, nor fail in their scripts."""
    host = urlsplit(console.address).netloc
    asked: set[tuple[str, str]] = set()
    faults: list[str] = []

    def note(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"}:
            asked.add((parts.scheme, parts.netloc))

    with contextlib.ExitStack() as stack:

        def show(query: str = "", centre: Centre | None = None) -> Page:
            context = browser.new_context(viewport=SIZE, bypass_csp=True)  # for the hooks alone
            stack.callback(context.close)
            context.add_init_script(HOOKS)
            context.on("request", lambda request: note(request.url))
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.on("websocket", lambda connection: note(connection.url))
            page.on("pageerror", lambda error: faults.append(f"script: {error}"))
            if centre is not None:
                page.route_web_socket(re.compile("."), lambda way: _elsewhere(way, centre, note))
            page.goto(console.address + "/" + query)
            return page

        yield show
    assert faults == []
    assert asked in (set(), {("http", host), ("ws", host)})  # nothing if no page was opened


def _elsewhere(way: WebSocketRoute, centre: Centre, note: Callable[[str], None]) -> None:
    """Let the map open at `centre`: the page has no link to a place, and hands cannot pan so far.

    The numbers keep their length, since the messages carry it.
    """
    note(way.url)
    server = way.connect_to_server()
    changes = [
        (f'"{side}": {VIEW[side]}'.encode(), f'"{side}": {_same_length(side, degrees)}'.encode())
        for side, degrees in zip(("longitude", "latitude"), centre, strict=True)
    ]

    def forward(message: str | bytes) -> None:
        if isinstance(message, bytes):
            for old, new in changes:
                message = message.replace(old, new)
        way.send(message)

    server.on_message(forward)
