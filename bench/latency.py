"""Sentence to pixel: from the last byte on the socket to the changed pixel in Chromium.

A probe is a new vessel on dry land, away from every waterway. Its sentence is sent over TCP; a hook
in the page looks at the pixels of the map's canvas every 50 ms and notes when the spot changes.
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

KEEP_PIXELS = """
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, options) {
  return get.call(this, kind, kind.startsWith('webgl')
    ? {...options, preserveDrawingBuffer: true} : options);
};
"""

WATCH = """
([x, y, half]) => new Promise((resolve, reject) => {
  const canvas = document.querySelector('[data-testid=stDeckGlJsonChart] canvas');
  const box = canvas.getBoundingClientRect(), k = canvas.width / box.width;
  const spot = new OffscreenCanvas(2 * half, 2 * half).getContext('2d', {willReadFrequently: true});
  const look = () => {
    spot.clearRect(0, 0, 2 * half, 2 * half);
    spot.drawImage(canvas, (x - half) * k, (y - half) * k, 2 * half * k, 2 * half * k,
                   0, 0, 2 * half, 2 * half);
    return spot.getImageData(0, 0, 2 * half, 2 * half).data.slice();
  };
  const before = look(), until = Date.now() + GIVE_UP;
  window.watching = true;
  const frame = () => {
    const after = look();
    let changed = 0;
    for (let i = 0; i < after.length; i += 4)
      if (Math.abs(after[i] - before[i]) + Math.abs(after[i + 1] - before[i + 1])
          + Math.abs(after[i + 2] - before[i + 2]) > 60) changed++;
    if (changed >= 6) resolve(Date.now());
    else if (Date.now() > until) reject(new Error('no change at ' + x + ',' + y));
    else setTimeout(frame, 50);
  };
  setTimeout(frame, 50);
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


async def probe(page: Page, stack: Stack, n: int, place: tuple[float, float]) -> float:
    """Seconds from the sentence's last byte to the first frame that shows it."""
    canvas = page.locator("[data-testid=stDeckGlJsonChart] canvas").first
    box = await canvas.bounding_box()
    assert box is not None
    x, y = on_canvas(*place, box["width"], box["height"])
    seen = asyncio.create_task(page.evaluate(WATCH, [x, y, 8]))
    await page.wait_for_function("window.watching === true")
    await page.evaluate("window.watching = false")
    reader, writer = await asyncio.open_connection(stack.nmea_host, stack.nmea_port)
    writer.write(sentence(413_990_000 + n, *place))
    await writer.drain()
    sent = time.time()
    at = await seen
    writer.close()
    await writer.wait_closed()
    del reader
    return float(at) / 1000 - sent


async def measure() -> list[Row]:
    """The table's rows; two ticks are the aim for p95."""
    delays: list[float] = []
    async with running(BARGES, EVERY_S) as stack, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page(viewport=WINDOW, bypass_csp=True)  # our hooks are evaluated
        await page.add_init_script(KEEP_PIXELS)
        await page.goto(stack.page)
        await page.wait_for_selector("[data-testid=stDeckGlJsonChart] canvas")
        await page.wait_for_function("performance.now() > 20000")  # shaders compiled, fleet heard
        for n, place in enumerate(dry_places(PROBES)):
            delays.append(await probe(page, stack, n, place))
            await asyncio.sleep(float(np.random.default_rng(n).uniform(0, 1)))  # any phase
        await browser.close()
    return percentiles("sentence to pixel", delays, "s", aim="p95 at most 2 (two ticks)")
