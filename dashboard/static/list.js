// The vessel list: rows from the same JSON as the map, so that both show the same vessels at a tick.
import { say, districtName, ageWords } from './words.js'
import { serverNow } from './clocks.js'

const ROW = 46 // pixels; the stylesheet's .vessel height
const SPARE = 8
const lists = new WeakMap()

const orders = {
  name: (a, b) => (a.name === null) - (b.name === null) || compare(a.label, b.label) || a.mmsi - b.mmsi,
  newest: (a, b) => b.t - a.t || a.mmsi - b.mmsi,
  speed: (a, b) => (b.kmh ?? -1) - (a.kmh ?? -1) || a.mmsi - b.mmsi,
  district: (a, b) => compare(districtName(a.adcode), districtName(b.adcode)) || orders.name(a, b)
}
const collator = new Intl.Collator('zh-CN', { numeric: true })
const compare = (a, b) => collator.compare(a, b)

export function bindList (pane) {
  const before = lists.get(pane) ?? { query: '', order: 'name', all: [], tick: 0, chosen: null }
  const list = {
    ...before,
    box: pane.root.querySelector('[data-list]'),
    search: pane.root.querySelector('[data-search]'),
    select: pane.root.querySelector('[data-order]'),
    count: pane.root.querySelector('[data-count]')
  }
  lists.set(pane, list)
  list.search.value = list.query
  list.select.value = list.order
  list.search.addEventListener('input', () => { list.query = list.search.value; arrange(list); list.box.scrollTop = 0 })
  list.select.addEventListener('change', () => { list.order = list.select.value; arrange(list) })
  list.box.addEventListener('scroll', () => draw(list), { passive: true })
  new ResizeObserver(() => draw(list)).observe(list.box)
  list.box.addEventListener('keydown', event => walk(list, event))
  arrange(list)
}

export async function refreshList (pane, shown) {
  const list = lists.get(pane)
  const tick = shown.tick
  list.chosen = shown.vessel
  if (list.tick !== tick) {
    const answer = await fetch(`/live/vessels.json?tick=${tick}`).catch(() => null)
    if (!answer?.ok) {
      pane.tick = 0
      return
    }
    const collection = await answer.json()
    if (tick < list.tick) return
    list.tick = tick
    list.all = collection.features.map(feature => feature.properties)
  }
  arrange(list)
}

function arrange (list) {
  const words = list.query.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const fits = v => words.every(w => String(v.mmsi).includes(w) || (v.name ?? '').toLowerCase().includes(w))
  list.rows = (words.length ? list.all.filter(fits) : [...list.all]).sort(orders[list.order])
  const all = list.all.length
  list.count.textContent = words.length ? say('of', { n: list.rows.length, all }) : String(all)
  draw(list)
}

function draw (list) {
  const { box, rows } = list
  box.dataset.tick = list.tick
  box.dataset.rows = rows.length
  if (!rows.length) {
    const note = document.createElement('p')
    note.className = 'empty'
    note.textContent = list.query ? say('none_found', { query: list.query }) : say('none_yet')
    box.replaceChildren(note)
    return
  }
  const first = Math.max(0, Math.floor(box.scrollTop / ROW) - SPARE)
  const last = Math.min(rows.length, Math.ceil((box.scrollTop + (box.clientHeight || 600)) / ROW) + SPARE)
  let pad = box.querySelector(':scope > .pad')
  if (!pad) {
    pad = document.createElement('div')
    pad.className = 'pad'
    box.replaceChildren(pad)
  }
  pad.style.height = `${rows.length * ROW}px`
  const old = new Map([...pad.children].map(row => [row.dataset.vessel, row]))
  for (let i = first; i < last; i++) {
    const key = String(rows[i].mmsi)
    const row = old.get(key) ?? pad.appendChild(makeRow(key))
    old.delete(key)
    fill(row, rows[i], i, list)
  }
  for (const row of old.values()) row.remove()
}

function makeRow (key) {
  const row = document.createElement('div')
  row.className = 'vessel'
  row.dataset.vessel = key
  row.tabIndex = 0
  row.setAttribute('role', 'option')
  const parts = {}
  for (const name of ['key', 'name', 'age', 'where', 'speed']) {
    parts[name] = document.createElement(name === 'key' ? 'i' : 'span')
    parts[name].className = name
    row.append(parts[name])
  }
  row.parts = parts
  return row
}

function fill (row, v, at, list) {
  row.style.transform = `translateY(${at * ROW}px)`
  row.setAttribute('aria-selected', v.mmsi === list.chosen ? 'true' : 'false')
  row.setAttribute('aria-posinset', at + 1)
  row.setAttribute('aria-setsize', list.rows.length)
  row.classList.toggle('lost', v.lost)
  const { parts } = row
  parts.key.className = `key key-${v.icon}`
  put(parts.name, v.label)
  row.title = v.name ? `${v.name} · MMSI ${v.mmsi}` : `MMSI ${v.mmsi}`
  const district = districtName(v.adcode)
  put(parts.where, v.border ? say('border', { district }) : district)
  put(parts.speed, v.kmh === null ? say('no_speed') : v.kmh < 0.93 ? say('lying') : say('kmh', { n: v.kmh.toFixed(1) }))
  const age = ageWords(serverNow() - v.t)
  put(parts.age, v.lost ? `${say('lost')} ${age}` : age)
}

function put (element, text) {
  if (element.textContent !== text) element.textContent = text
}

function walk (list, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const row = event.target.closest('.vessel')
  if (!step || !row) return
  event.preventDefault()
  const at = list.rows.findIndex(v => String(v.mmsi) === row.dataset.vessel) + step
  if (at < 0 || at >= list.rows.length) return
  const top = at * ROW
  if (top < list.box.scrollTop) list.box.scrollTop = top
  else if (top + ROW > list.box.scrollTop + list.box.clientHeight) list.box.scrollTop = top + ROW - list.box.clientHeight
  draw(list)
  list.box.querySelector(`[data-vessel="${list.rows[at].mmsi}"]`)?.focus()
}
