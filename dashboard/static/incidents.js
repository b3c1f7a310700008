// The incidents' page: a list, and one incident in full. The server makes all markup.
import { language, say } from './words.js'
import { morph } from './morph.js'
import { paintTimes } from './clocks.js'

const EVERY_MS = 1000

let pane = null
let chosen = new URLSearchParams(location.search).get('incident')
let which = 'open'
let running = false // one look at a time: a slow server is not asked faster than it answers
let again = false

// Once per frame; the frame is made anew when the language changes.
export function bindIncidents (mounted) {
  if (pane !== mounted) listen(mounted)
  pane = mounted
  find('[data-incident-look]').value = which
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
    which = event.target.value
    refresh()
  })
  window.addEventListener('popstate', () => {
    chosen = new URLSearchParams(location.search).get('incident')
    refresh()
  })
  setInterval(() => {
    if (!document.hidden && pane.root.isConnected && !running) refresh()
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
  again = true
  if (running) return
  running = true
  try {
    while (again) {
      again = false
      await look()
    }
  } finally {
    running = false
  }
}

async function look () {
  const list = await fetchText(`/incidents/list.html?look=${which}&lang=${language()}`)
  if (list === null || again) return
  const box = draw('[data-incidents]', list)
  find('[data-incident-count]').textContent = say('incidents', { n: box.querySelector('[data-total]')?.dataset.total ?? '0' })
  const shown = chosen ?? box.querySelector('[data-incident]')?.dataset.incident
  for (const card of box.querySelectorAll('[data-incident]')) {
    if (card.dataset.incident === shown) card.dataset.liveChosen = '1'
    else delete card.dataset.liveChosen
  }
  const file = find('[data-incident-file]')
  if (!shown) {
    file.replaceChildren()
    return
  }
  const html = await fetchText(`/incidents/${encodeURIComponent(shown)}.html?lang=${language()}`)
  if (html === null || again) return
  const another = file.dataset.about !== shown
  draw('[data-incident-file]', html)
  file.dataset.about = shown
  if (another) file.scrollTo(0, 0)
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
