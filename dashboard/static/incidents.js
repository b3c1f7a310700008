// The incidents' page: a list, and one incident in full. The server makes all markup.
import { language, say } from './words.js'
import { morph } from './morph.js'
import { paintTimes } from './clocks.js'

const EVERY_MS = 1000

let pane = null
let chosen = new URLSearchParams(location.search).get('incident')
let look = 'open'
let asked = 0 // numbers requests: only the answer to the last one counts

// Once per frame; the frame is made anew when the language changes.
export function bindIncidents (mounted) {
  if (pane !== mounted) listen(mounted)
  pane = mounted
  find('[data-incident-look]').value = look
  refresh()
}

const find = path => pane.root.querySelector(path)

function listen ({ root }) {
  root.addEventListener('click', event => {
    const card = event.target.closest('[data-incident]')
    if (card) choose(card.dataset.incident)
  })
  root.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target.matches('[data-incident]')) choose(event.target.dataset.incident)
  })
  root.addEventListener('change', event => {
    if (!event.target.matches('[data-incident-look]')) return
    look = event.target.value
    refresh()
  })
  window.addEventListener('popstate', () => {
    chosen = new URLSearchParams(location.search).get('incident')
    refresh()
  })
  setInterval(() => {
    if (!document.hidden && pane.root.isConnected) refresh()
  }, EVERY_MS)
}

function choose (incident) {
  if (incident === chosen) return
  chosen = incident
  const address = new URL(location.href)
  address.searchParams.set('incident', incident)
  history.pushState(null, '', address)
  refresh()
}

async function fetchText (url) {
  const answer = await fetch(url).catch(() => null)
  return answer?.ok ? await answer.text().catch(() => null) : null
}

async function refresh () {
  const mine = ++asked
  const list = await fetchText(`/incidents/list.html?look=${look}&lang=${language()}`)
  if (list === null || mine !== asked) return
  const box = draw('[data-incidents]', list)
  find('[data-incident-count]').textContent = say('incidents', { n: box.querySelector('[data-total]')?.dataset.total ?? '0' })
  const first = box.querySelector('[data-incident]')?.dataset.incident
  const shown = chosen ?? first
  const file = find('[data-incident-file]')
  if (!shown) {
    file.replaceChildren()
    return
  }
  const html = await fetchText(`/incidents/${encodeURIComponent(shown)}.html?lang=${language()}`)
  if (mine !== asked) return
  if (html !== null) {
    const another = file.dataset.about !== shown
    draw('[data-incident-file]', html)
    file.dataset.about = shown
    if (another) file.scrollTo(0, 0)
  }
  for (const card of box.querySelectorAll('[data-incident]')) {
    if (card.dataset.incident === shown) card.dataset.liveChosen = '1'
    else delete card.dataset.liveChosen
  }
}

function draw (path, html) {
  const box = find(path)
  const next = document.createElement('div')
  next.innerHTML = html
  morph(box, next)
  box.dataset.ready = '1'
  paintTimes(box)
  return box
}
