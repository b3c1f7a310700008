"""Sentence to pixel: from the last byte on the socket to the changed pixel in Chromium.

A probe is a new vessel on dry land, away from every waterway. Its sentence is sent over TCP; a hook
in the page reads the spot's pixels back whenever a picture was drawn, which also waits until the
drawing is done, and notes when they change.
"""

import asyncio
import math
import time
from datetime import UTC, datetime

import numpy as np
from playwright.async_api import Page, ViewportSize, async_playwright
from pyais.encode import encode_dict

from bench.stack import Stack, running
from bench.table import Row, percentiles
from layers.deck import VIEW
from ops.browser import FLAGS, chromium

BARGES = 1_500
EVERY_S = 3  # 1 500 barges every 3 s: 500 messages/s
PROBES = 50
WINDOW: ViewportSize = {"width": 1600, "height": 950}
GIVE_UP_S = 15

HOOK = """
let gl = null, drawn = false;
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  const context = getContext.call(this, kind, options);
  if (kind.startsWith('webgl') && context && context !== gl && !context.watched) {
    gl = context;
    gl.watched = true;
    for (const what of ['Arrays', 'Elements', 'ArraysInstanced', 'ElementsInstanced']) {
      const name = 'draw' + what;
      const draw = gl[name].bind(gl);
      gl[name] = (...given) => { drawn = true; return draw(...given); };
    }
  }
  return context;
};
window.watch = null;
const look = ([x, y, half]) => {
  const box = gl.canvas.getBoundingClientRect(), k = gl.drawingBufferWidth / box.width;
  const side = Math.round(2 * half * k), pixels = new Uint8Array(4 * side * side);
  const left = Math.round((x - half) * k);
  const low = gl.drawingBufferHeight - Math.round((y + half) * k);
  gl.readPixels(left, low, side, side, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return pixels;
};
window.arrived = null;
const fetched = window.fetch.bind(window);
window.fetch = async (...given) => {
  const answer = await fetched(...given);
  if (window.wanted && String(given[0]?.url ?? given[0]).includes('/live/vessels.json'))
    answer.clone().text().then(text => {
      if (window.wanted && text.includes(window.wanted)) {
        window.arrived = Date.now();
        window.wanted = null;
      }
    });
  return answer;
};
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = callback => ask(time => {
  drawn = false;
  callback(time);
  if (drawn && window.watch) window.watch(look);
});
"""
"""Looks at the spot in the very task that drew a picture, and only then; notes when data came."""

WATCH = """
place => new Promise((resolve, reject) => {
  let before = null;
  const late = setTimeout(() => {
    window.watch = null;
    reject(new Error('no change at ' + place));
  }, GIVE_UP);
  window.watch = look => {
    const after = look(place);
    if (before === null) {
      before = after;
      window.watching = true;
      return;
    }
    let changed = 0;
    for (let i = 0; i < after.length; i += 4)
      if (Math.abs(after[i] - before[i]) + Math.abs(after[i + 1] - before[i + 1])
          + Math.abs(after[i + 2] - before[i + 2]) > 60) changed++;
    if (changed < 6) return;
    window.watch = null;
    clearTimeout(late);
    resolve(Date.now());
  };
})
""".replace("GIVE_UP", str(GIVE_UP_S * 1000))


def on_canvas(lon: float, lat: float, width: float, height: float) -> tuple[float, float]:
    """CSS pixels of a place on a map that shows `VIEW` (Web Mercator, 512-pixel world)."""
    scale = 512 * 2 ** VIEW["zoom"]

    def world(lon: float, lat: float) -> tuple[float, float]:
        y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
        return scale * (lon + 180) / 360, scale * (1 - y / math.pi) / 2

    x, y = world(lon, lat)
    x0, y0 = world(VIEW["longitude"], VIEW["latitude"])
    return width / 2 + x - x0, height / 2 + y - y0


def dry_places(count: int) -> list[tuple[float, float]]:
    """Places west of Jiashan without waterway or label, some 22 pixels apart; at most 50."""
    assert count <= 50, "no more room there"
    return [(120.545 + 0.0155 * (n % 5), 30.82 + 0.0135 * (n // 5)) for n in range(count)]


def sentence(mmsi: int, lon: float, lat: float) -> bytes:
    """A class A position report of this very second."""
    now = datetime.now(UTC)
    return (
        encode_dict(
            {
                "msg_type": 1,
                "mmsi": mmsi,
                "lon": lon,
                "lat": lat,
                "speed": 5.0,
                "course": 45.0,
                "heading": 45,
                "second": now.second,
            },
            talker_id="AI",
        )[0].encode()
        + b"\r\n"
    )


async def probe(
    page: Page, stack: Stack, n: int, place: tuple[float, float]
) -> tuple[float, float]:
    """Seconds from the sentence's last byte to its data in the browser, and to the first frame."""
    canvas = page.locator("[data-testid=stDeckGlJsonChart] canvas").first
    box = await canvas.bounding_box()
    assert box is not None
    x, y = on_canvas(*place, box["width"], box["height"])
    seen = asyncio.create_task(page.evaluate(WATCH, [x, y, 8]))
    await page.wait_for_function("window.watching === true")
    mmsi = 413_990_000 + n
    await page.evaluate(f"window.watching = false; window.arrived = null; window.wanted = '{mmsi}'")
    reader, writer = await asyncio.open_connection(stack.nmea_host, stack.nmea_port)
    writer.write(sentence(mmsi, *place))
    await writer.drain()
    sent = time.time()
    at = await seen
    writer.close()
    await writer.wait_closed()
    del reader
    await page.wait_for_function("window.arrived !== null")
    arrived = float(await page.evaluate("window.arrived"))
    return arrived / 1000 - sent, float(at) / 1000 - sent


async def measure() -> list[Row]:
    """The table's rows; two ticks are the aim for p95."""
    delays: list[tuple[float, float]] = []
    async with running(BARGES, EVERY_S) as stack, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page(viewport=WINDOW, bypass_csp=True)  # our hooks are evaluated
        await page.add_init_script(HOOK)
        await page.goto(stack.page)
        await page.wait_for_selector("[data-testid=stDeckGlJsonChart] canvas")
        await page.wait_for_function("performance.now() > 20000")  # shaders compiled, fleet heard
        for n, place in enumerate(dry_places(PROBES)):
            delays.append(await probe(page, stack, n, place))
            await asyncio.sleep(float(np.random.default_rng(n).uniform(0, 1)))  # any phase
        await browser.close()
    arrived, drawn = ([delay[part] for delay in delays] for part in (0, 1))
    return [
        *percentiles("sentence to the browser's data (baseline)", arrived, "s"),
        *percentiles("sentence to pixel", drawn, "s", aim="p95 at most 2 (two ticks)"),
    ]
