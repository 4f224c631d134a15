import { describe, expect, test } from 'bun:test'
import { cohortBodyOf, formatCohorts, parseCohorts } from '../../../../src/web/cohorts/cohort-definition.ts'
import { shadeBounds, shownCohorts, shownMean } from '../../../../src/web/cohorts/shown-cells.ts'

const drill = { path: '/cohorts/members', body: {} }
const ANSWER = {
  cohorts: [
    {
      bucket: '2026-11-02T00:00:00.000Z',
      size: 10,
      drill,
      cells: [
        { period: 0, count: 4, rate: 40, cumulative: 4, complete: true },
        { period: 1, count: 2, rate: 20, cumulative: 6, complete: true },
      ],
    },
    {
      bucket: '2026-11-09T00:00:00.000Z',
      size: 30,
      drill,
      cells: [
        { period: 0, count: 0, rate: 0, cumulative: 0, complete: true },
        { period: 1, count: 9, rate: 30, cumulative: 9, complete: false },
      ],
    },
  ],
  mean: [
    { period: 0, rate: 10, cohortsUsed: 2 },
    { period: 1, rate: 20, cohortsUsed: 1 },
  ],
}

describe('cohorts in the address', () => {
  test.each([
    '{"kind":"engagement","event":"clicked","human":false,"period":"hour","cumulative":true,"cohort":"day"}',
    '{"kind":"retention"}',
    '{"kind":"retention","start":{"event":"contact_created"},"counting":"onOrAfter","mode":"recurring","periods":6,"show":"count"}',
  ])('%s is the same after it was read', (text) => {
    const definition = parseCohorts(text)
    expect(JSON.parse(formatCohorts(definition)!)).toEqual(JSON.parse(text))
    expect(parseCohorts(formatCohorts(definition))).toEqual(definition)
  })

  test('need no text for what is shown at first', () => {
    expect(formatCohorts(parseCohorts(undefined))).toBeUndefined()
    expect(parseCohorts('{"periods":61,"cohort":"year","show":3,"event":"sent"}')).toEqual(parseCohorts(undefined))
  })
})

test('a request has the fields of its kind only', () => {
  const engagement = parseCohorts('{"filter":{"dimension":"channel","operator":"exists"}}')
  expect(cohortBodyOf(engagement)).toEqual({
    kind: 'engagement',
    event: 'opened',
    human: true,
    period: 'day',
    periods: 12,
    cohort: 'week',
    filter: { dimension: 'channel', operator: 'exists' },
  })
  expect(Object.keys(cohortBodyOf(parseCohorts('{"kind":"retention"}'))).toSorted()).toEqual(
    ['cohort', 'counting', 'kind', 'mode', 'periods', 'return', 'start'].toSorted(),
  )
})

describe('the cells', () => {
  const definition = parseCohorts('{"periods":3}')
  const cumulative = parseCohorts('{"periods":3,"cumulative":true}')

  test('stand in the places of their periods, and periods that have not begun are empty', () => {
    const cells = shownCohorts(ANSWER, definition).map((cohort) => cohort.cells.map((cell) => cell?.shownRate))
    expect(cells).toEqual([
      [40, 20, undefined],
      [0, 30, undefined],
    ])
  })

  test('show the periods before them too when they are added up, and so does their mean', () => {
    const shown = shownCohorts(ANSWER, cumulative)
    expect(shown.map(({ cells }) => cells.map((cell) => cell?.shownCount))).toEqual([
      [4, 6, undefined],
      [0, 9, undefined],
    ])
    expect(shownMean(ANSWER, cumulative)).toEqual([
      { period: 0, rate: 10, cohortsUsed: 2 },
      { period: 1, rate: 60, cohortsUsed: 1 },
    ])
    expect(shownMean(ANSWER, definition)).toBe(ANSWER.mean)
  })

  test('have the shades of their rates', () => {
    const shown = shownCohorts(ANSWER, definition)
    expect(shadeBounds(shown)).toEqual([20, 30, 40])
    expect(shown.map(({ cells }) => cells.map((cell) => cell?.shade))).toEqual([
      [3, 1, undefined],
      [0, 2, undefined],
    ])
  })
})
