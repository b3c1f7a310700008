// The wall: what fits is shown, what does not is counted, and a new high alert stands large a while.
import { say } from './words.js'
import { serverNow } from './clocks.js'

const LARGE_S = 30
const KNOWN_MOST = 5000
const TELL_AGAIN_MS = 2000

let known = null // alerts that were shown large, or stood there already; null before the first look
const ends = new Map() // alert → when it is no news any more

export function dressWall (pane) {
  if (pane.name === 'wall-news') announce(pane.root)
  if (pane.name === 'wall-alerts') count(pane.root)
  for (const list of pane.root.querySelectorAll('[data-fit]')) fit(list)
}

// Entries that would be cut off are hidden, and their number is said.
function fit (list) {
  const items = [...list.children]
  for (const item of items) mark(item, 'liveHidden', null)
  const { right, bottom } = list.getBoundingClientRect()
  if (!bottom) return // not shown itself
  const cut = items.findIndex(item => {
    const box = item.getBoundingClientRect()
    return box.bottom > bottom + 1 || box.right > right + 1
  })
  const shown = cut < 0 ? items.length : cut
  for (const item of items.slice(shown)) mark(item, 'liveHidden', '1')
  const rest = Number(list.dataset.total) - shown
  put(list.parentElement.querySelector('[data-rest]'), rest > 0 ? say('rest', { n: rest }) : '')
}

function count (root) {
  const figures = root.querySelector('[data-figures]')
  const { open, hour, unwatched } = figures?.dataset ?? {}
  const words = unwatched === undefined ? 'per_hour' : 'not_current'
  put(root.querySelector('[data-count]'), figures ? say(words, { n: open, hour }) : '')
}

// An alert is news once: when it first stands here as new, or when it comes back as new.
function announce (root) {
  const now = performance.now()
  const first = known === null
  known ??= new Set()
  for (const post of root.querySelectorAll('.news')) {
    const { key, state, raised } = post.dataset
    if (known.has(key)) continue
    known.add(key)
    const left = first ? LARGE_S - (serverNow() - Number(raised)) : LARGE_S
    if (state === 'new' && left > 0) ends.set(key, now + 1000 * left)
  }
  for (const key of known) {
    if (known.size <= KNOWN_MOST) break
    known.delete(key)
  }
  stand(root)
}

// The newest of the news stands large; the others are counted.
function stand (root) {
  const now = performance.now()
  for (const [key, end] of ends) if (end <= now) ends.delete(key)
  const posts = [...root.querySelectorAll('.news')]
  const fresh = posts.filter(post => ends.has(post.dataset.key))
  const newest = fresh.reduce((a, b) => (a && Number(a.dataset.raised) >= Number(b.dataset.raised) ? a : b), null)
  for (const post of posts) mark(post, 'liveLarge', post === newest ? '1' : null)
  mark(document.documentElement, 'large', newest ? newest.dataset.side : null)
  if (!newest) return
  put(newest.querySelector('[data-others]'), fresh.length > 1 ? say('others', { n: fresh.length - 1 }) : '')
}

setInterval(() => {
  const root = document.querySelector('[data-pane="wall-news"]')
  if (root && ends.size) {
    stand(root)
    for (const list of root.querySelectorAll('[data-live-large] [data-fit]')) fit(list)
  }
}, 250)

// The server must know how large the map is: deck.gl is given its zoom and the size of its letters.
export function measure (pane, told) {
  pane.told = JSON.stringify(told)
  if (pane.measured) return pane.measured()
  let last = ''
  let at = -Infinity
  pane.measured = () => {
    const letter = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const size = [pane.root.clientWidth, pane.root.clientHeight, letter]
    const said = JSON.stringify(size)
    if (!size[0] || said === pane.told) return
    if (said === last && performance.now() - at < TELL_AGAIN_MS) return
    last = said
    at = performance.now()
    pane.emit('size', size)
  }
  setInterval(pane.measured, TELL_AGAIN_MS) // what was said before the page was ready is not heard
  new ResizeObserver(() => {
    pane.measured()
    for (const list of document.querySelectorAll('[data-fit]')) fit(list)
  }).observe(pane.root)
}

function mark (element, name, value) {
  if (value === null) delete element.dataset[name]
  else if (element.dataset[name] !== value) element.dataset[name] = value
}

function put (element, text) {
  if (element && element.textContent !== text) element.textContent = text
}
