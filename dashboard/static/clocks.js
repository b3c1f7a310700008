// Times and ages, written once a second in the server's time and Shanghai's zone.
import { agoWords, ageWords, say } from './words.js'

// Milliseconds that the server's clock is ahead of the page's, which no viewer can set.
let offset = Date.now() - performance.now()

export const setServerNow = (seconds, trip) => { offset = seconds * 1000 + trip / 2 - performance.now() }
export const serverNow = () => (performance.now() + offset) / 1000

const zone = { timeZone: 'Asia/Shanghai', hourCycle: 'h23' }
const hms = new Intl.DateTimeFormat('en-GB', { ...zone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-CA', { ...zone, year: 'numeric', month: '2-digit', day: '2-digit' })

export const timeOfDay = at => hms.format(at * 1000)
export const dateOf = at => day.format(at * 1000)

export function paintTimes (root) {
  const now = serverNow()
  for (const e of root.querySelectorAll('[data-at]')) write(e, ageOf(e, now - Number(e.dataset.at)))
  for (const e of root.querySelectorAll('[data-clock]')) {
    const at = Number(e.dataset.clock)
    const old = dateOf(at) !== dateOf(now)
    const time = e.dataset.form === 'short' ? timeOfDay(at).slice(0, 5) : timeOfDay(at)
    write(e, e.dataset.form === 'full' || old ? `${dateOf(at).slice(5)} ${time}` : time)
  }
  for (const e of root.querySelectorAll('[data-now]')) write(e, timeOfDay(now))
  for (const e of root.querySelectorAll('[data-today]')) write(e, dateOf(now))
}

const ageOf = (e, seconds) =>
  e.dataset.form === 'confirmed' ? say('confirmed', { age: ageWords(seconds) }) : agoWords(seconds)

function write (element, text) {
  if (element.textContent !== text) element.textContent = text
}

export function startClocks () {
  paintTimes(document)
  setInterval(() => paintTimes(document), 500)
}
