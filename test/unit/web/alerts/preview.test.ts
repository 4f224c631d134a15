import { describe, expect, test } from 'bun:test'
import { notifyBodyOf, notifyDraftOf } from '../../../../src/web/alerts/editor/notify-draft.ts'
import { problemsOf, problemText } from '../../../../src/web/alerts/editor/problems.ts'
import { changesOf, episodesOf, type JudgedBucket } from '../../../../src/web/alerts/preview/episodes.ts'
import { boundsOf, previewData } from '../../../../src/web/alerts/preview/preview-data.ts'
import { ApiError } from '../../../../src/web/api/api-error.ts'

const LETTERS = { n: 'normal', p: 'pending', f: 'firing', r: 'recovering' } as const
const bucketsOf = (states: string): JudgedBucket[] =>
  Array.from(states, (letter, index) => ({
    bucket: new Date(index * 3_600_000).toISOString(),
    value: index,
    verdict: 'clear',
    expected: index % 2 === 0 ? { upper: 5 } : null,
    state: LETTERS[letter as keyof typeof LETTERS],
  }))

describe('episodes', () => {
  test('last from firing to the last bucket before normal, through recovering', () => {
    expect(episodesOf(bucketsOf('nppffrfrnnfn'))).toEqual([
      { first: 3, last: 7, isOpen: false },
      { first: 10, last: 10, isOpen: false },
    ])
    expect(episodesOf(bucketsOf('nf'))).toEqual([{ first: 1, last: 1, isOpen: true }])
    expect(episodesOf(bucketsOf('nppn'))).toEqual([])
  })

  test('changes are counted from the state normal', () => {
    expect(changesOf(bucketsOf('nppff'))).toEqual([1, 3])
    expect(changesOf(bucketsOf('ffn'))).toEqual([0, 2])
  })
})

describe('the lines of a preview', () => {
  test('are the values, and dashed bounds where there are any', () => {
    const { values, open } = previewData(bucketsOf('nnn'), ['upper'])
    expect(values).toEqual([
      [0, 1, 2],
      [5, null, 5],
    ])
    expect(open).toEqual([
      [false, false, false],
      [true, true, true],
    ])
  })

  test('have the bounds of the direction in which the detector fires', () => {
    expect(boundsOf({ detector: { kind: 'threshold', below: 1 } })).toEqual(['lower'])
    expect(boundsOf({ detector: { kind: 'rareRate', p0: 0.1 } })).toEqual(['upper'])
    expect(boundsOf({ detector: { kind: 'rateShift', direction: 'down' } })).toEqual(['lower'])
    expect(boundsOf({ detector: { kind: 'seasonalCount' } })).toEqual(['upper', 'lower'])
    expect(boundsOf({ detector: { kind: 'silence' } })).toEqual([])
  })
})

describe('who is told', () => {
  test('keeps the secret of a webhook that is not typed again', () => {
    const draft = notifyDraftOf({ emails: ['a@b.de', 'c@d.de'], webhooks: [{ url: 'https://e.f' }], events: true })
    expect(notifyBodyOf(draft)).toEqual({
      emails: ['a@b.de', 'c@d.de'],
      webhooks: [{ url: 'https://e.f' }],
      events: true,
    })
    expect(
      notifyBodyOf({ ...draft, webhooks: [{ url: ' https://e.f ', secret: 's' }], emails: ' a@b.de \n\n' }),
    ).toEqual({
      emails: ['a@b.de'],
      webhooks: [{ url: 'https://e.f', secret: 's' }],
      events: true,
    })
  })
})

test('fields that the service refused have texts of the page', () => {
  const details = ['rule.detector.above', 'rule.notify.webhooks[1].secret', 'startDate'].map((path) => ({
    path,
    message: 'for developers',
  }))
  const error = new ApiError(400, { error: { code: 'VALIDATION_ERROR', message: '', details } })
  const problems = problemsOf(error, 'rule.')
  expect([...problems]).toEqual(['detector.above', 'notify.webhooks[1].secret'])
  expect(problemText(problems, 'detector.above')).toBe('Type a number of at least 0.')
  expect(problemText(problems, 'notify.webhooks[1].secret')).toBe('Type a secret of 16 to 256 characters.')
  expect(problemText(problems, 'name')).toBeUndefined()
  expect(problemsOf(new ApiError(412, {})).size).toBe(0)
})
