import { describe, expect, test } from 'bun:test'
import { ALERT_PRESETS } from '../../../src/alerts/presets.ts'
import { GERMAN_PRESETS } from '../../../src/web/alerts/texts/preset-texts.ts'
import { GERMAN as GERMAN_ALERTS } from '../../../src/web/alerts/texts/de.ts'
import { ENGLISH as ENGLISH_ALERTS } from '../../../src/web/alerts/texts/en.ts'
import { GERMAN as GERMAN_ANALYSIS } from '../../../src/web/analysis/texts/de.ts'
import { ENGLISH as ENGLISH_ANALYSIS } from '../../../src/web/analysis/texts/en.ts'
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
  'eventGroups.workflow',
  'funnel.stepName',
  'funnel.stepNameOf',
  'funnel.withValue',
  'cohort.range',
  'members.ofNumber',
  'states.normal',
  'detail.change',
  'detail.channels.webhook',
  'editor.name',
  'editor.percent',
  'editor.seconds',
  'editor.minutes',
  'editor.webhooks',
  'sentence.once',
])

/** Where the page has them, with the paths of texts that are in English only. */
const PARTS = [
  ['of the page', ENGLISH, GERMAN, ['product']],
  ['of funnels and cohorts', ENGLISH_ANALYSIS, GERMAN_ANALYSIS, []],
  ['of alerts', ENGLISH_ALERTS, GERMAN_ALERTS, []],
] as const

describe.each(PARTS)('the German texts %s', (_, englishTexts, germanTexts, untranslated) => {
  const english = new Map(textsOf(englishTexts))
  const german = new Map(textsOf(germanTexts))

  test('are complete but for names', () => {
    expect([...english.keys()].filter((path) => !german.has(path))).toEqual([...untranslated])
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

test('every preset of an alert has a German text', () => {
  expect(Object.keys(GERMAN_PRESETS)).toEqual(ALERT_PRESETS.map(({ name }) => name))
})
