// Adds to the one-tap page what forms alone cannot: that a hand touched it, and where it is.
// A robot that previews links may run scripts: only what a person does counts as seen.
const page = document.querySelector('main')
const forms = [...document.querySelectorAll('form')]

const seen = event => {
  if (!event.isTrusted || page.dataset.seen !== 'no') return
  page.dataset.seen = 'yes'
  const id = forms[0].elements.namedItem('id').value
  fetch(location.href, {
    method: 'POST', body: new URLSearchParams({ said: 'seen', id }), redirect: 'manual', keepalive: true
  }).catch(() => { page.dataset.seen = 'no' })
}
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, seen, { passive: true })

for (const form of forms) {
  form.addEventListener('submit', () => {
    page.dataset.seen = 'yes' // the answer says so
    setTimeout(() => form.querySelectorAll('button').forEach(one => { one.disabled = true }))
    setTimeout(() => form.querySelectorAll('button').forEach(one => { one.disabled = false }), 8000)
  })
}

const place = document.getElementById('place')
if (place && isSecureContext && 'geolocation' in navigator) {
  const box = place.querySelector('input'), told = place.querySelector('output')
  const fill = (lon, lat, accuracy) => {
    for (const form of forms) {
      for (const [name, value] of Object.entries({ lon, lat, accuracy })) {
        form.elements.namedItem(name).value = value
      }
    }
  }
  place.hidden = false
  box.addEventListener('change', () => {
    fill('', '', '')
    told.textContent = box.checked ? place.dataset.asking : ''
    if (!box.checked) return
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      if (!box.checked) return
      fill(coords.longitude, coords.latitude, coords.accuracy)
      told.textContent = `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)} ± ${Math.round(coords.accuracy)} m`
    }, () => {
      box.checked = false
      told.textContent = place.dataset.refused
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 })
  })
}
