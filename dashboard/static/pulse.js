// Whether to trust the picture. Runs by itself, since a dead connection leaves the last picture up.
import { say, ageWords } from './words.js'
import { nudge } from './post.js'
import { serverNow, setServerNow, timeOfDay } from './clocks.js'

const ASK_MS = 500
const WAIT_MS = 2500
const DEAF_S = 3.5 // without an answer for so long the server counts as gone
const OLD_S = 4 // a picture older than this is stale
const NUDGE_MS = 10000
const RAILS = '[data-pane="alerts"],[data-pane="wall-alerts"]'

let pulse = null
let heard = performance.now()
let nudged = 0

async function ask () {
  const sent = performance.now()
  try {
    const answer = await fetch('/live/pulse.json', { cache: 'no-store', signal: AbortSignal.timeout(WAIT_MS) })
    if (answer.status === 401) location.reload() // signed out: the server says where to
    if (!answer.ok) return
    pulse = await answer.json()
    heard = performance.now()
    setServerNow(pulse.now, heard - sent)
  } catch { /* judged by its absence */ }
}

// Judged at the moment of the snapshot: the way from there to here says nothing about the feed.
function feedState (feed) {
  const since = at => at === null ? null : pulse.taken_at - at
  const [seen, last] = [since(feed.seen), since(feed.last)]
  if (feed.ended !== null) return { state: 'ended', age: since(feed.ended) }
  if (seen > pulse.heartbeat_s) return { state: 'dead', age: seen }
  if (!feed.connected) return { state: 'off', age: last }
  if (last === null || last > feed.silent_after) return { state: 'quiet', age: last }
  return { state: 'on', age: last }
}

// The one verdict all panels follow: what is wrong first, seen from the browser outward.
function judge (shown) {
  const found = judgePicture(shown)
  // the picture goes on, but nobody looks for alerts in it: more than a mild trouble, less than a grave one
  if (!pulse?.unwatched || found.waiting || (found.cause && !found.mild)) return found
  return { cause: 'no_watch', age: unwatchedFor(), mild: true }
}

const unwatchedFor = () => pulse.watched_at === null ? null : pulse.taken_at - pulse.watched_at

function judgePicture (shown) {
  const deaf = (performance.now() - heard) / 1000
  if (deaf > DEAF_S) return { cause: 'no_server' }
  if (!pulse) return { cause: null, waiting: true }
  if (pulse.away_since !== null) return { cause: 'no_database' }
  if (pulse.taken_at === null) return { cause: null, waiting: true }
  if (serverNow() - pulse.taken_at > OLD_S) return { cause: 'stalled' }
  const still = (performance.now() - shown.since) / 1000
  if (shown.tick && pulse.tick - shown.tick > OLD_S && still > DEAF_S) return { cause: 'frozen' }
  if (!pulse.feeds.length) return { cause: 'no_feed', mild: true }
  const states = pulse.feeds.map(feed => ({ feed, ...feedState(feed) }))
  const live = states.filter(s => s.state !== 'ended')
  if (!live.length) return { cause: 'over', feed: states[0], mild: true }
  if (pulse.broker_lost_at !== null) {
    const mild = live.some(s => s.state === 'on')
    return { cause: 'no_broker', age: pulse.taken_at - pulse.broker_lost_at, mild }
  }
  const bad = live.filter(s => s.state !== 'on')
  if (!bad.length) return deafness(live)
  const cause = { dead: 'idle', off: 'cut', quiet: 'silent' }[bad[0].state]
  return { cause, feed: bad[0], mild: bad.length < live.length }
}

// A receiver that hears nobody, though its feed is connected: the vessels there are not silent.
function deafness (live) {
  const deaf = live.flatMap(({ feed }) => feed.deaf.map(one => ({ feed, ...one })))
  if (!deaf.length) return { cause: null }
  const age = pulse.taken_at - Math.min(...deaf.map(one => one.since))
  const station = deaf.map(one => one.station).join(', ')
  return { cause: 'deaf', feed: { feed: deaf[0].feed, age }, station, mild: true }
}

function mark (shown, panes) {
  const verdict = judge(shown)
  const taken = shown.takenAt ?? pulse?.taken_at ?? null
  const age = taken === null ? null : serverNow() - taken
  const stale = Boolean(verdict.cause) && !verdict.mild
  const root = document.documentElement
  set(root, 'stale', stale ? verdict.cause : null)
  set(root, 'unwatched', pulse?.unwatched ? '1' : null)
  set(root, 'waiting', verdict.waiting ? '1' : null)
  if (verdict.cause === 'frozen' && performance.now() - nudged > NUDGE_MS) {
    nudged = performance.now()
    nudge(panes)
  }
  for (const e of document.querySelectorAll('[data-fresh],[data-fresh-short]')) {
    const late = !stale && pulse?.unwatched && e.closest(RAILS)
    put(e, late ? lateWords() : freshWords(e, verdict, stale, age))
    set(e, 'liveStale', stale || late ? '1' : null)
  }
  markFeeds(verdict)
  markBanner(verdict, taken)
  if (pulse) {
    for (const e of document.querySelectorAll('[data-count="crossings"]')) {
      put(e, say('today', { n: pulse.crossings_today }))
    }
  }
}

function lateWords () {
  const age = unwatchedFor()
  return `▲ ${age === null ? say('no_watch') : say('stale', { age: ageWords(age) })}`
}

function freshWords (element, verdict, stale, age) {
  if (age === null) return say('waiting')
  const words = age < 100 ? say('seconds', { n: age.toFixed(1) }) : ageWords(age)
  if (element.dataset.freshShort !== undefined) return words
  if (!stale) return say('data', { age: words })
  const own = verdict.feed?.age ?? verdict.age
  return `▲ ${say('stale', { age: own === undefined || own === null ? words : ageWords(Math.max(own, age)) })}`
}

function markFeeds (verdict) {
  const known = new Map((pulse?.feeds ?? []).map(feed => [feed.id, feed]))
  const blind = ['no_server', 'no_database', 'stalled'].includes(verdict.cause)
  for (const group of document.querySelectorAll('[data-feed]')) {
    const feed = known.get(group.dataset.feed)
    let state = blind || !feed ? 'unsure' : feedState(feed).state
    if (verdict.cause === 'no_broker' && state !== 'on') state = 'unsure' // its receiver may well be heard
    set(group, 'liveState', state)
    for (const e of group.querySelectorAll('[data-feed-word]')) put(e, say(state))
  }
}

function markBanner (verdict, taken) {
  for (const banner of document.querySelectorAll('[data-banner]')) {
    set(banner, 'liveCause', verdict.cause)
    set(banner, 'liveMild', verdict.mild ? '1' : null)
    if (!verdict.cause) {
      banner.replaceChildren()
      continue
    }
    const values = { time: taken === null ? '—' : timeOfDay(taken) }
    if (verdict.feed) {
      const { feed, age } = verdict.feed
      values.feed = feedName(feed.id)
      values.station = verdict.station
      values.age = age === null ? '—' : ageWords(age)
    }
    if (verdict.age !== undefined) values.age = verdict.age === null ? '—' : ageWords(verdict.age)
    const [what, why] = [say(verdict.cause), say(`${verdict.cause}_why`, values)]
    if (banner.children.length !== 2) {
      banner.replaceChildren(document.createElement('b'), document.createElement('span'))
    }
    put(banner.children[0], what)
    put(banner.children[1], why)
  }
}

const feedName = id => document.querySelector(`[data-feed="${CSS.escape(id)}"] [data-feed-name]`)?.textContent ?? id

function set (element, name, value) {
  if (value === null || value === undefined) delete element.dataset[name]
  else if (element.dataset[name] !== value) element.dataset[name] = value
}

function put (element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function startPulse (shown, panes) {
  ask()
  setInterval(ask, ASK_MS)
  setInterval(() => mark(shown, panes), 250)
}
