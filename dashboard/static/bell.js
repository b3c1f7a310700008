// The sound of a new high alert: once, made here, and only if this browser's viewer did not mute it.
import { keep, recall } from './kept.js'

let audio = null // a browser gives none before somebody has touched the page
let heard = null // new high alerts of the last picture; null before the first
let owed = false // something should have rung while the browser gave no sound
const ringing = { gain: 0.16, notes: [[880, 0], [1174.7, 0.16], [880, 0.32]], length: 0.14 }

const muted = () => Boolean(recall('muted', false))

// Given the ids of all new high alerts of this picture.
export function listen (ids) {
  const fresh = heard === null ? [] : ids.filter(id => !heard.has(id))
  heard = new Set(ids)
  if (fresh.length && !muted()) ring()
  if (!ids.length) owed = false
}

function ring () {
  if (audio?.state !== 'running') {
    owed = true
    return
  }
  owed = false
  const { gain, notes, length } = ringing
  for (const [frequency, after] of notes) {
    const start = audio.currentTime + after
    const tone = new OscillatorNode(audio, { frequency, type: 'triangle' })
    const volume = new GainNode(audio, { gain: 0 })
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(gain, start + 0.015)
    volume.gain.linearRampToValueAtTime(0, start + length)
    tone.connect(volume).connect(audio.destination)
    tone.start(start)
    tone.stop(start + length)
  }
}

function wake () {
  try {
    audio ??= new AudioContext()
    audio.onstatechange = unlocked
    if (audio.state === 'suspended') audio.resume().catch(() => {})
  } catch { /* a machine without sound */ }
  unlocked()
}

function unlocked () {
  if (owed && !muted()) ring()
  paint()
}

export function bindBell (pane) {
  const button = pane.root.querySelector('[data-sound]')
  button.addEventListener('click', event => {
    event.stopPropagation()
    keep('muted', !muted())
    owed = !muted() // so that one knows what to listen for
    wake()
  })
  paint()
}

function paint () {
  for (const button of document.querySelectorAll('[data-sound]')) {
    const state = muted() ? 'off' : audio?.state === 'running' ? 'on' : 'locked'
    const label = button.dataset[`label${state[0].toUpperCase()}${state.slice(1)}`]
    button.dataset.liveState = state
    button.title = label
    button.setAttribute('aria-label', label)
    button.setAttribute('aria-pressed', String(!muted()))
  }
}

document.addEventListener('pointerdown', wake, true)
document.addEventListener('keydown', wake, true)
