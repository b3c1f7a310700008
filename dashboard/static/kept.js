// What this browser remembers for its viewer: filters, the name on duty, whether it may ring.

export function recall (name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`whistle.${name}`)) ?? otherwise
  } catch {
    return otherwise
  }
}

export function keep (name, value) {
  try {
    localStorage.setItem(`whistle.${name}`, JSON.stringify(value))
  } catch { /* a browser that keeps nothing forgets it */ }
}
