// What one viewer does with the alert rail: filters, selection, actions, and the sound of a new one.
import { say } from './words.js'
import { spoke } from './post.js'
import { toast } from './toast.js'
import { listen } from './bell.js'
import { keep, recall } from './kept.js'

const ALLOWED = { see: ['new'], validate: ['new', 'seen', 'rejected'], reject: ['new', 'seen', 'validated'] }
const LEVELS = ['high', 'medium', 'low']
const BUSY_MS = 2500

const view = { levels: new Set(recall('levels', LEVELS)), state: recall('state', 'all'), mine: recall('mine', false) }
const picked = new Set()
let said = null // number of the last answer that was shown

export const who = () => String(recall('who', '')).trim()

export function bindWho (pane) {
  const field = pane.root.querySelector('[data-who]')
  field.value = recall('who', '')
  field.addEventListener('input', () => keep('who', field.value))
}

// Once per pane, before the console's own listener: a tick in a box is no choice of the card.
export function bindActions (pane) {
  pane.root.addEventListener('click', event => {
    const target = event.target.closest('[data-pick],[data-filter-level],[data-filter-mine],[data-act],[data-reject-open],[data-silence-open],[data-select-all],[data-select-none],[data-goto]')
    if (!target) return
    event.stopImmediatePropagation()
    const data = target.dataset
    if (data.pick !== undefined) pick(pane, data.pick)
    else if (data.filterLevel !== undefined) toggleLevel(pane, data.filterLevel)
    else if (data.filterMine !== undefined) filter(pane, 'mine', !view.mine)
    else if (data.selectAll !== undefined) shownCards(pane).forEach(card => picked.add(card.dataset.alert))
    else if (data.selectNone !== undefined) picked.clear()
    else if (data.goto !== undefined) goTo(pane, data.goto)
    else if (data.rejectOpen !== undefined) open(target, 'liveRejecting')
    else if (data.silenceOpen !== undefined) open(target, 'liveSilencing')
    else act(pane, target, data.act)
    dress(pane)
  })
  pane.root.addEventListener('change', event => {
    if (event.target.matches('[data-filter-state]')) filter(pane, 'state', event.target.value)
    if (event.target.matches('[data-until]')) ownTime(event.target)
  })
  pane.root.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target.matches('[data-reason-text],[data-silence-why]')) {
      event.target.closest('.form').querySelector('[data-act]').click()
    }
  })
}

function toggleLevel (pane, level) {
  if (view.levels.has(level)) view.levels.delete(level)
  else view.levels.add(level)
  if (!view.levels.size) LEVELS.forEach(each => view.levels.add(each))
  keep('levels', [...view.levels])
}

function filter (pane, name, value) {
  view[name] = value
  keep(name, value)
  dress(pane)
}

const cards = pane => [...pane.root.querySelectorAll('.card.alert')]
const shownCards = pane => cards(pane).filter(fits)

function fits (card) {
  const { level, state, open, by, owner, quiet } = card.dataset
  const stands = view.state === 'all' || view.state === state || (view.state === 'silenced' && quiet === '1') ||
    (view.state === 'open' && open === '1') || (view.state === 'closed' && open === '0')
  return stands && view.levels.has(level) && (!view.mine || [by, owner].includes(who() || 'console'))
}

function pick (pane, id) {
  if (!picked.delete(id)) picked.add(id)
}

// After each new body: what this viewer chose is put on again.
export function dress (pane, chosen) {
  if (pane.name !== 'alerts') return
  if (chosen !== undefined) pane.chosen = chosen
  const all = cards(pane)
  const there = new Set(all.map(card => card.dataset.alert))
  for (const id of picked) if (!there.has(id)) picked.delete(id)
  let shown = 0
  for (const card of all) {
    const id = card.dataset.alert
    const fit = fits(card)
    shown += fit
    mark(card, 'liveHidden', fit ? null : '1')
    mark(card, 'livePicked', picked.has(id) ? '1' : null)
    mark(card, 'liveChosen', pane.chosen === id ? '1' : null)
    card.querySelector('.pick').setAttribute('aria-checked', String(picked.has(id)))
  }
  pane.root.dataset.liveFits = String(shown)
  mark(pane.root, 'livePicking', picked.size ? '1' : null)
  put(pane.root.querySelector('[data-selected]'), say('selected', { n: picked.size }))
  dressFilters(pane, all)
  count(pane, shown, all.length)
}

function dressFilters (pane, all) {
  for (const figure of pane.root.querySelectorAll('[data-level-count]')) {
    const level = figure.dataset.levelCount
    put(figure, unwatched(pane.root) ? '—' : String(all.filter(card => card.dataset.open === '1' && card.dataset.level === level).length))
  }
  for (const button of pane.root.querySelectorAll('[data-filter-level]')) {
    button.setAttribute('aria-pressed', String(view.levels.has(button.dataset.filterLevel)))
  }
  pane.root.querySelector('[data-filter-mine]').setAttribute('aria-pressed', String(view.mine))
  pane.root.querySelector('[data-filter-state]').value = view.state
  for (const button of pane.root.querySelectorAll('[data-bulk] [data-act]')) {
    button.disabled = !able(pane, button.dataset.act).length
  }
}

// Nobody looks for alerts: what stands here is not all that there is.
export const unwatched = root => root.querySelector('[data-figures]')?.dataset.unwatched !== undefined

function count (pane, shown, all) {
  const figures = pane.root.querySelector('[data-figures]')
  if (!figures) return
  const { open, hour } = figures.dataset
  if (unwatched(pane.root)) return put(pane.root.querySelector('[data-count="alerts"]'), say('not_current', { n: shown }))
  const words = shown === all ? say('per_hour', { n: open, hour }) : say('shown_of', { n: shown, all, hour })
  put(pane.root.querySelector('[data-count="alerts"]'), words)
}

export function hear (pane) {
  const loud = cards(pane).filter(card => card.matches('.high.new:not([data-quiet])'))
  listen(loud.map(card => card.dataset.alert))
}

const able = (pane, action) =>
  cards(pane).filter(card => picked.has(card.dataset.alert) && ALLOWED[action].includes(card.dataset.state))

const FORMS = { liveRejecting: '.reject', liveSilencing: '.silence' }

// One form at a time; the same button closes it again.
function open (button, form) {
  const box = button.closest('[data-bulk],[data-actions]')
  const shut = box.dataset[form] !== undefined
  for (const each of Object.keys(FORMS)) mark(box, each, each === form && !shut ? '1' : null)
  if (!shut) box.querySelector(`${FORMS[form]} select`).focus()
}

function ownTime (select) {
  const field = select.closest('.silence').querySelector('[data-until-time]')
  mark(field, 'liveAsked', select.value === 'time' ? '1' : null)
  if (select.value === 'time') field.focus()
}

function act (pane, button, action) {
  const box = button.closest('[data-bulk],[data-actions]')
  if (box.dataset.liveBusy) return
  const note = action === 'reject' ? reason(box) : action === 'silence' ? field(box, '[data-silence-why]') : null
  if (NAMED.includes(action) && !who()) return toast(say('need_name'), true)
  if (note === '') return toast(say(action === 'reject' ? 'need_reason' : 'need_why'), true)
  const until = action === 'silence' ? end(box) : null
  if (until === '') return toast(say('need_time'), true)
  const alerts = box.dataset.actions
    ? { [box.dataset.actions]: box.dataset.state }
    : Object.fromEntries(able(pane, action).map(card => [card.dataset.alert, card.dataset.state]))
  if (!Object.keys(alerts).length) return
  mark(box, 'liveBusy', '1')
  setTimeout(() => mark(box, 'liveBusy', null), BUSY_MS)
  for (const form of Object.keys(FORMS)) mark(box, form, null)
  if (!box.dataset.actions) picked.clear()
  pane.emit('handle', { command: uuid(), action, alerts, note, until, who: who() })
}

const NAMED = ['validate', 'reject', 'silence', 'hear'] // a decision has an owner
const field = (box, path) => box.querySelector(path).value.trim()

function reason (box) {
  return [field(box, '.reject [data-reason]'), field(box, '.reject [data-reason-text]')].filter(Boolean).join('; ')
}

// Until when, as the server reads it; '' for a time that is none.
function end (box) {
  const picked = field(box, '[data-until]')
  if (picked !== 'time') return picked
  const own = field(box, '[data-until-time]')
  return /^([01]?\d|2[0-3])[:：][0-5]\d$/.test(own) ? own : ''
}

// What came of the last action; the changed alerts themselves come with the next picture.
export function answer (data) {
  const first = said === null
  if (!data || data.n === said) return
  said = data.n
  for (const box of document.querySelectorAll('[data-live-busy]')) mark(box, 'liveBusy', null)
  if (first && !spoke()) return // an answer to another page
  if (data.text) toast(data.text, data.failed)
  else if (data.failed) toast(say('not_done'), true)
  else if (data.refused) toast(`${say('handled', { n: data.done })} · ${say('moved', { n: data.refused })}`, true)
  else toast(say('handled', { n: data.done }))
}

function goTo (pane, spot) {
  const found = pane.root.querySelector(`[data-spot="${CSS.escape(spot)}"]`)
  if (!found) return
  found.scrollIntoView({ block: 'center' })
  mark(found, 'liveLit', '1')
  setTimeout(() => mark(found, 'liveLit', null), 1800)
}

export function uuid () {
  const bytes = crypto.getRandomValues(new Uint8Array(16)) // randomUUID is not there without TLS
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function mark (element, name, value) {
  if (value === null) delete element.dataset[name]
  else if (element.dataset[name] !== value) element.dataset[name] = value
}

function put (element, text) {
  if (element && element.textContent !== text) element.textContent = text
}
