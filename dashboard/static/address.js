// The URL says what is chosen, so that F5 and a link find it; the session decides, this writes.
const DEFAULT = 'zh'

let written = false

export function writeAddress ({ vessel, alert, lang }) {
  const url = new URL(location.href)
  const chosen = { vessel, alert, lang: lang === DEFAULT ? null : lang }
  for (const [name, value] of Object.entries(chosen)) {
    if (value === null) url.searchParams.delete(name)
    else if (url.searchParams.get(name) !== String(value)) url.searchParams.set(name, value)
  }
  if (url.search !== location.search) history[written ? 'pushState' : 'replaceState'](null, '', url)
  written = true
}
