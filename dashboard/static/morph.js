// Brings an element's children to a new state with the fewest changes: focus, scroll and hover stay.

export function morph (old, next) {
  const keyed = new Map()
  for (const child of old.children) if (child.dataset?.key) keyed.set(child.dataset.key, child)
  let at = old.firstChild
  for (const wanted of [...next.childNodes]) {
    const key = wanted.nodeType === 1 ? wanted.dataset.key : undefined
    let match = key ? keyed.get(key) : at
    if (match && key) keyed.delete(key)
    if (match && !alike(match, wanted)) match = null
    if (!match) {
      old.insertBefore(wanted, at)
      continue
    }
    if (match === at) at = at.nextSibling
    else old.insertBefore(match, at)
    update(match, wanted)
  }
  while (at) {
    const gone = at
    at = at.nextSibling
    gone.remove()
  }
}

function alike (a, b) {
  return a.nodeType === b.nodeType && a.nodeName === b.nodeName &&
    (a.nodeType !== 1 || (a.dataset.key ?? '') === (b.dataset.key ?? ''))
}

function update (a, b) {
  if (a.nodeType !== 1) {
    if (a.nodeValue !== b.nodeValue) a.nodeValue = b.nodeValue
    return
  }
  for (const { name } of [...a.attributes]) {
    if (!b.hasAttribute(name) && !name.startsWith('data-live')) a.removeAttribute(name)
  }
  for (const { name, value } of b.attributes) if (a.getAttribute(name) !== value) a.setAttribute(name, value)
  if (isTimed(a)) return
  morph(a, b)
}

// the script itself writes these texts
const isTimed = e => e.hasAttribute('data-at') || e.hasAttribute('data-clock') || e.hasAttribute('data-script')
