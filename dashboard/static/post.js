// Events on their way to the server: numbered, and sent again until the beacon says they were heard.
const AGAIN_MS = 3000
const MOST = 20
const CHOICES = ['vessel', 'alert', 'close', 'back'] // of these only the last one counts

let sent = 0 // so that the same choice twice is two
const waiting = new Map()

export function send (pane, event, value) {
  if (CHOICES.includes(event)) {
    for (const [key, letter] of waiting) if (CHOICES.includes(letter.event)) waiting.delete(key)
  }
  const letter = { pane: pane.name, event, value, n: ++sent, tries: 0 }
  waiting.set(`${pane.name}/${event}`, letter)
  deliver(pane, letter)
}

// for whoever looks into a page that does not do as it was told
const tell = () => { document.documentElement.dataset.said = `${sent}, ${waiting.size} not heard` }

function deliver (pane, { event, value, n, tries }) {
  pane.deliver(event, tries ? { n, value, again: tries } : { n, value })
  waiting.get(`${pane.name}/${event}`).at = performance.now()
  tell()
}

// With each beacon: `numbers` holds the last number heard of every pane and event.
export function heard (numbers) {
  if (!waiting.size) return
  for (const [key, letter] of waiting) if (numbers[key] >= letter.n) waiting.delete(key)
  tell()
}

// By a clock of its own: a request that is lost can take the page's timer, and so the beacon, along.
export function startPost (panes) {
  setInterval(() => {
    for (const [key, letter] of waiting) {
      const pane = panes.get(letter.pane)
      if (letter.tries >= MOST) waiting.delete(key)
      else if (pane && performance.now() - letter.at > AGAIN_MS) {
        letter.tries++
        deliver(pane, letter)
      }
    }
  }, 1000)
}

// Makes the server run the page's script anew, and with it the timer that has died.
export function nudge (panes) {
  const [pane] = [...panes.values()].filter(each => each.deliver)
  pane?.deliver('nudge', { n: ++sent })
}

// Whether this page has said anything yet.
export const spoke = () => sent > 0

// Whether something was chosen that no beacon tells of yet.
export const choosing = () => [...waiting.values()].some(letter => CHOICES.includes(letter.event))
