import { describe, expect, test } from 'bun:test'
import { GERMAN } from '../../../src/web/messages/de.ts'
import { ENGLISH } from '../../../src/web/messages/en.ts'

/** Every text by its path, with what a function makes of its parameters. */
function textsOf(part: object, path = ''): [path: string, text: string][] {
  return Object.entries(part).flatMap(([key, value]): [string, string][] => {
    const name = path === '' ? key : `${path}.${key}`
    if (typeof value === 'string') return [[name, value]]
    if (typeof value === 'function') return [[name, String(value('«1»', '«2»', '«3»'))]]
    return textsOf(value as object, name)
  })
}

/** Words that German uses as they are, and names. */
const SHARED = new Set([
  'views.workflows.title',
  'views.workflows.name',
  'viewGroups.dashboards',
  'dimensions.workflow',
  'channels.sms',
  'channels.whatsapp',
  'channels.push',
  'layout.dashboards',
  'live.live',
  'live.offline',
  'download.csv',
  'download.xlsx',
  'metricNotes.formula',
  'chart.heatMap.range',
  'chart.heatMap.cell',
])

describe('the German texts', () => {
  const english = new Map(textsOf(ENGLISH))
  const german = new Map(textsOf(GERMAN))

  test('are complete but for the name of the product', () => {
    expect([...english.keys()].filter((path) => !german.has(path))).toEqual(['product'])
  })

  test('have a counterpart in English', () => {
    expect([...german.keys()].filter((path) => !english.has(path))).toEqual([])
  })

  test('are translated', () => {
    const same = [...german].filter(([path, text]) => english.get(path) === text && !SHARED.has(path))
    expect(same).toEqual([])
  })

  test('contain every value that the English text contains', () => {
    const valuesIn = (text: string) => [...new Set(text.match(/«\d»/g))].toSorted()
    const lossy = [...german].filter(([path, text]) => String(valuesIn(text)) !== String(valuesIn(english.get(path)!)))
    expect(lossy).toEqual([])
  })
})
