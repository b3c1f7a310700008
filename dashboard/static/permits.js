// The permit register's page: table, one paper, forms. The server makes all markup; this asks for it.
import { language, say } from './words.js'
import { morph } from './morph.js'
import { toast } from './toast.js'
import { uuid, who } from './alerts.js'

const PAGE = 200
const AGAIN_MS = 10000
const TYPING_MS = 180
const view = { text: '', kind: 'all', look: 'all', order: 'state', backwards: false, count: PAGE }

let pane = null
let permit = new URLSearchParams(location.search).get('permit')
let form = null // what stands on the right in place of the paper
let asked = 0 // numbers table requests: only the answer to the last one counts
let typing = 0

// Once per frame; the frame is made anew when the language changes.
export function bindPermits (mounted) {
  if (pane !== mounted) listen(mounted)
  pane = mounted
  put('[data-paper-search]', view.text)
  put('[data-paper-kind]', view.kind)
  put('[data-paper-look]', view.look)
  form = null
  refreshTable()
  refreshFile()
}

const find = path => pane.root.querySelector(path)
const put = (path, value) => { find(path).value = value }

function listen ({ root }) {
  root.addEventListener('click', click)
  root.addEventListener('submit', event => {
    event.preventDefault()
    submit(event.target)
  })
  root.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target.matches('tr[data-paper]')) choose(event.target.dataset.paper)
  })
  root.addEventListener('input', event => {
    if (!event.target.matches('[data-paper-search]')) return
    clearTimeout(typing)
    typing = setTimeout(() => look({ text: event.target.value.trim() }), TYPING_MS)
  })
  root.addEventListener('change', event => {
    if (event.target.matches('[data-paper-kind]')) look({ kind: event.target.value })
    if (event.target.matches('[data-paper-look]')) look({ look: event.target.value })
    if (event.target.matches('[type="file"]')) {
      find('[data-file-name]').textContent = event.target.files[0]?.name ?? ''
      tell(event.target.form, { text: '', faults: {} }, '')
    }
  })
  window.addEventListener('popstate', () => {
    permit = new URLSearchParams(location.search).get('permit')
    form = null
    refreshFile()
    mark()
  })
  setInterval(() => {
    if (document.hidden || !pane.root.isConnected) return
    refreshTable()
    if (!form) refreshFile()
  }, AGAIN_MS)
}

function click (event) {
  const target = event.target.closest('[data-paper-open],[data-paper-close],[data-paper-order],[data-paper-more],[data-paper-try],[data-paper]')
  if (!target) return
  const data = target.dataset
  if (data.paperOpen !== undefined) openForm(data.paperOpen)
  else if (data.paperClose !== undefined) close()
  else if (data.paperOrder !== undefined) order(data.paperOrder)
  else if (data.paperMore !== undefined) look({ count: view.count + PAGE })
  else if (data.paperTry !== undefined) bringIn(target.closest('form'), true)
  else choose(data.paper)
}

function order (name) {
  look({ order: name, backwards: view.order === name && !view.backwards })
}

function look (changed) {
  Object.assign(view, { count: PAGE }, changed)
  refreshTable()
}

async function fetchText (url) {
  const answer = await fetch(url).catch(() => null)
  return answer?.ok ? await answer.text().catch(() => null) : null
}

async function refreshTable () {
  const mine = ++asked
  const { backwards, ...said } = view
  const query = new URLSearchParams({ ...said, backwards: backwards ? '1' : '0', lang: language() })
  const html = await fetchText(`/permits/table.html?${query}`)
  if (html === null || mine !== asked) return
  const next = document.createElement('div')
  next.innerHTML = html
  const total = next.querySelector('[data-total]')?.dataset.total ?? '0'
  const box = find('[data-papers]')
  morph(box, next)
  box.dataset.ready = '1'
  find('[data-paper-count]').textContent = say('papers', { n: total })
  mark()
}

function mark () {
  for (const line of pane.root.querySelectorAll('tr[data-paper]')) {
    if (line.dataset.paper === permit) line.dataset.liveChosen = '1'
    else delete line.dataset.liveChosen
  }
}

async function refreshFile () {
  const box = find('[data-paper-file]')
  const about = `${permit}-${language()}`
  if (!permit) {
    if (!form) box.replaceChildren()
    return
  }
  const html = await fetchText(`/permits/${encodeURIComponent(permit)}.html?lang=${language()}`)
  if (html === null || form || about !== `${permit}-${language()}`) return
  const next = document.createElement('div')
  next.innerHTML = html
  morph(box, next)
}

function choose (id) {
  permit = id
  form = null
  address()
  refreshFile()
  find('[data-paper-file]').scrollTo(0, 0)
  mark()
}

function close () {
  if (form) {
    form = null
    find('[data-paper-file]').replaceChildren()
    refreshFile()
    return
  }
  permit = null
  address()
  refreshFile()
  mark()
}

function address () {
  const url = new URL(location.href)
  if (permit) url.searchParams.set('permit', permit)
  else url.searchParams.delete('permit')
  if (url.search !== location.search) history.pushState(null, '', url)
}

async function openForm (name) {
  const query = new URLSearchParams({ lang: language() })
  if (name === 'edit' || name === 'withdraw') query.set('permit', permit)
  const html = await fetchText(`/permits/form/${name}.html?${query}`)
  if (html === null) return toast(say('not_done'), true)
  form = { name, command: uuid() }
  const box = find('[data-paper-file]')
  box.innerHTML = html
  box.scrollTo(0, 0)
  box.querySelector('input,select')?.focus()
}

function submit (element) {
  if (element.dataset.paperForm === 'import') return bringIn(element, false)
  const fields = Object.fromEntries([...new FormData(element)].filter(([, value]) => typeof value === 'string'))
  const body = JSON.stringify({
    command: form.command, who: who(), permit: element.dataset.permit, seen: element.dataset.seen, fields
  })
  post(element, `/permits/${element.dataset.paperForm}?lang=${language()}`, 'application/json', body, said => {
    permit = said.permit
    close()
    address()
    refreshTable()
  })
}

function bringIn (element, trying) {
  const [file] = element.elements.file.files
  if (!file) return tell(element, { text: '', faults: { file: say('need_file') } }, '')
  const query = new URLSearchParams({
    lang: language(), try: trying ? '1' : '0', command: form.command, who: who(),
    since: element.elements.since.value, reason: element.elements.reason.value
  })
  post(element, `/permits/import?${query}`, 'text/csv', file, () => {
    if (!trying) refreshTable()
  }, trying)
}

async function post (element, url, type, body, then, trying = false) {
  if (!who()) return tell(element, { text: say('need_name'), faults: {} })
  if (element.dataset.busy) return
  element.dataset.busy = '1'
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body }).catch(() => null)
  const said = await answer?.json().catch(() => null)
  delete element.dataset.busy
  if (!said) return tell(element, { text: say('not_done'), faults: {} })
  tell(element, answer.ok ? { text: '', faults: {} } : said, said.html)
  const store = element.querySelector('[data-paper-import]')
  if (store) store.disabled = !(answer.ok && trying)
  if (!answer.ok) return
  if (!trying) form.command = uuid() // what is sent from now on is something new
  if (said.text) toast(said.text)
  then(said)
}

// What is wrong, beside the fields; what no field takes stands below them.
function tell (element, { text, faults }, html) {
  const rest = []
  for (const place of element.querySelectorAll('[data-fault]')) place.textContent = ''
  for (const [field, words] of Object.entries(faults ?? {})) {
    const place = field && element.querySelector(`[data-fault="${CSS.escape(field)}"]`)
    if (place) place.textContent = words
    else rest.push(`${field}: ${words}`)
  }
  element.querySelector('[data-fault=""]').textContent = [text, ...rest].filter(Boolean).join(' · ')
  element.querySelector('[data-fault]:not(:empty)')?.scrollIntoView({ block: 'nearest' })
  const answer = element.querySelector('[data-paper-answer]')
  if (answer && html !== undefined) answer.innerHTML = html
  const store = element.querySelector('[data-paper-import]')
  if (store && html === '') store.disabled = true
}
