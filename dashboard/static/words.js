// Words that the script writes by itself; the page carries them in every language.
const all = JSON.parse(document.getElementById('whistle-words').textContent)
const districts = JSON.parse(document.getElementById('whistle-districts').textContent)
const tags = { zh: 'zh-CN', en: 'en' }
let current = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en'

export const language = () => current

export function setLanguage (lang) {
  if (lang === current || !all[lang]) return
  current = lang
  document.documentElement.lang = tags[lang]
}

export function say (key, values = {}) {
  return all[current][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
}

export const districtName = adcode => districts[current][adcode] ?? adcode

export function ageWords (seconds) {
  const s = Math.max(0, Math.floor(seconds))
  if (s < 100) return say('seconds', { n: s })
  if (s < 5940) return say('minutes', { n: Math.floor(s / 60) })
  if (s < 172800) return say('hours', { n: Math.floor(s / 3600) })
  return say('days', { n: Math.floor(s / 86400) })
}

export const agoWords = seconds => say('ago', { age: ageWords(seconds) })
