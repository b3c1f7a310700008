// A line that says what came of an action, and goes by itself.
let box = null
let timer = 0

export function toast (text, bad = false) {
  if (!box) {
    box = document.createElement('div')
    box.id = 'toast'
    box.setAttribute('role', 'status')
    document.body.append(box)
  }
  box.textContent = text
  box.dataset.bad = String(bad)
  box.dataset.shown = 'true'
  clearTimeout(timer)
  timer = setTimeout(() => { box.dataset.shown = 'false' }, bad ? 6000 : 2500)
}
