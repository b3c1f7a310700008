// In the drawer: undo the match of a reading, or give the reading to another vessel.
import { say } from './words.js'
import { toast } from './toast.js'
import { uuid, who } from './alerts.js'

const BUSY_MS = 2500

export function bindMatching (pane) {
  pane.root.addEventListener('click', event => {
    const target = event.target.closest('[data-form-open],[data-match]')
    if (!target) return
    event.stopImmediatePropagation()
    if (target.dataset.formOpen) open(target)
    else change(pane, target)
  })
  pane.root.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target.matches('.whose input')) {
      event.target.closest('.form').querySelector('[data-match]').click()
    }
  })
}

function open (button) {
  const box = button.closest('.whose')
  const wanted = button.dataset.formOpen
  if (box.dataset.liveForm === wanted) delete box.dataset.liveForm
  else {
    box.dataset.liveForm = wanted
    box.querySelector(`.form.${wanted} input`).focus()
  }
}

function change (pane, button) {
  const form = button.closest('.form')
  const box = form.closest('.whose')
  if (box.dataset.liveBusy) return
  const action = button.dataset.match
  const note = form.querySelector('[data-why]').value.trim()
  const asked = action === 'assign' ? form.querySelector('[data-mmsi]').value.trim() : form.dataset.matched
  if (!who()) return toast(say('need_name'), true)
  if (!/^[1-9]\d{0,8}$/.test(asked)) return toast(say('need_mmsi'), true)
  if (!note) return toast(say('need_why'), true)
  box.dataset.liveBusy = '1'
  setTimeout(() => delete box.dataset.liveBusy, BUSY_MS)
  delete box.dataset.liveForm
  pane.emit('match', {
    command: uuid(), action, reading: form.dataset.reading, mmsi: Number(asked), note, who: who()
  })
}
