// The browser's half of the console: mounts panes, follows the tick, keeps ages, search and order.
import { say, setLanguage, language } from './words.js'
import { startPulse } from './pulse.js'
import { startClocks, paintTimes } from './clocks.js'
import { morph } from './morph.js'
import { bindList, refreshList } from './list.js'
import { answer, bindActions, bindWho, dress, hear } from './alerts.js'
import { bindMatching } from './matching.js'
import { bindBell } from './bell.js'
import { bindPermits } from './permits.js'
import { bindIncidents } from './incidents.js'
import { dressWall, measure } from './wall.js'
import { toast } from './toast.js'
import { choosing, heard, send, startPost } from './post.js'
import { writeAddress } from './address.js'

const panes = new Map()
const shown = { tick: 0, takenAt: null, vessel: null, alert: null, since: performance.now() }

function mount (element, data, emit) {
  if (data.pane === 'beacon') {
    beacon(data)
    return
  }
  let pane = panes.get(data.pane)
  if (!pane || pane.element !== element) {
    pane = { name: data.pane, element, root: document.createElement('section'), frame: null, tick: 0 }
    pane.root.className = 'pane'
    pane.root.dataset.pane = data.pane
    element.append(pane.root)
    if (data.pane === 'alerts' || data.pane === 'drawer') bindActions(pane)
    if (data.pane === 'drawer') bindMatching(pane)
    bindClicks(pane)
    panes.set(data.pane, pane)
    if (data.pane === 'header') document.querySelector('.shell-header')?.replaceChildren()
  }
  pane.emit = (event, value) => send(pane, event, value)
  pane.deliver = emit
  setLanguage(data.lang)
  if (pane.frame !== data.frame) {
    pane.frame = data.frame
    pane.root.innerHTML = data.frame
    pane.tick = 0
    pane.drawn = 0
    if (pane.name === 'vessels') bindList(pane)
    if (pane.name === 'header') bindWho(pane)
    if (pane.name === 'alerts') bindBell(pane)
    if (pane.name === 'permits') bindPermits(pane)
    if (pane.name === 'incidents') bindIncidents(pane)
    paintTimes(pane.root)
  }
  if (pane.name === 'alerts') answer(data.said)
  if (pane.name === 'wall-legend') measure(pane, data.size)
  refresh(pane)
  return () => {
    if (!pane.root.isConnected) panes.delete(pane.name)
  }
}

function beacon (data) {
  if (data.tick !== shown.tick) shown.since = performance.now()
  shown.tick = data.tick
  shown.takenAt = data.taken
  shown.vessel = data.vessel
  shown.alert = data.alert
  heard(data.heard ?? {})
  if (!choosing()) writeAddress(data)
  setLanguage(data.lang)
  document.documentElement.dataset.tick = data.tick
  for (const pane of panes.values()) refresh(pane)
}

async function refresh (pane) {
  const about = `${language()}-${shown.vessel}-${shown.alert}`
  const wanted = `${shown.tick}-${about}`
  if (!shown.tick || pane.tick === wanted) return
  pane.tick = wanted
  if (pane.name === 'vessels') return refreshList(pane, shown)
  const url = source(pane)
  if (url === null) return
  pane.about = about
  if (url === '') {
    pane.drawn = 0
    pane.root.replaceChildren()
    return
  }
  const tick = shown.tick
  const answer = await fetch(url).catch(() => null)
  const html = answer?.ok ? await answer.text().catch(() => null) : null
  if (html === null) {
    if (pane.tick === wanted) pane.tick = 0
    return
  }
  // a slow answer is better than none, as long as it is about the same and newer than what stands
  if (pane.about !== about || (pane.drawnAbout === about && tick < pane.drawn)) return
  const another = pane.drawnAbout !== about
  pane.drawn = tick
  pane.drawnAbout = about
  const body = pane.root.querySelector('[data-body]') || pane.root
  const next = document.createElement('div')
  next.innerHTML = html
  morph(body, next)
  body.dataset.tick = tick
  if (pane.name === 'drawer' && another) pane.root.querySelector('.scroll')?.scrollTo(0, 0)
  if (pane.name === 'alerts') {
    dress(pane, shown.alert)
    hear(pane)
  }
  paintTimes(pane.root)
  if (pane.name.startsWith('wall-')) dressWall(pane)
}

const SHARED = ['alerts', 'crossings', 'feeds', 'wall-alerts', 'wall-crossings', 'wall-feeds', 'wall-news']

function source (pane) {
  const query = `tick=${shown.tick}&lang=${language()}`
  if (SHARED.includes(pane.name)) return `/live/pane/${pane.name}.html?${query}`
  if (pane.name === 'drawer' && shown.alert) return `/live/alert/${shown.alert}.html?${query}`
  if (pane.name === 'drawer') return shown.vessel ? `/live/vessel/${shown.vessel}.html?${query}` : ''
  return null
}

function bindClicks (pane) {
  const act = event => {
    const target = event.target.closest('[data-vessel],[data-alert],[data-lang],[data-close],[data-copy]')
    if (!target || !pane.root.contains(target)) return
    if (event.type === 'keydown' && !['Enter', ' '].includes(event.key)) return
    if (event.type === 'keydown') event.preventDefault()
    const { vessel, alert, lang, copy } = target.dataset
    if (copy !== undefined) copyText(target, copy)
    else if (lang !== undefined) pane.emit('lang', lang)
    else if (alert !== undefined) pane.emit('alert', alert)
    else if (vessel !== undefined) pane.emit('vessel', Number(vessel))
    else pane.emit('close', true)
  }
  pane.root.addEventListener('click', act)
  pane.root.addEventListener('keydown', event => {
    if (event.target.matches('button,input,select,a')) return
    act(event)
  })
}

async function copyText (target, text) {
  let done = true
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    done = document.execCommand('copy')
    area.remove()
  }
  if (!done) return toast(say('not_copied'), true)
  target.dataset.liveDone = say('copied') // under this name it survives a new body
  setTimeout(() => delete target.dataset.liveDone, 1500)
}

document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && (shown.vessel || shown.alert)) panes.get('drawer')?.emit('close', true)
})

// back and forward: the session follows the address
window.addEventListener('popstate', () => {
  const query = new URLSearchParams(location.search)
  panes.get('drawer')?.emit('back', { vessel: Number(query.get('vessel')), alert: query.get('alert') })
})

window.whistle = { mount }
startClocks()
startPost(panes)
startPulse(shown, panes)
