import { describe, expect, test } from 'bun:test'
import { readReport, reportOf, type StepResult, summarise } from '../../support/runner/report.ts'

const step = (fields: Partial<StepResult>): StepResult => ({
  name: 'unit',
  status: 0,
  seconds: 1,
  report: { tests: 10, failed: 0, skipped: 0 },
  ...fields,
})

describe('the summary of a test run', () => {
  test('adds up the steps', () => {
    const { lines, isGood } = summarise([step({}), step({ name: 'app' })])
    expect([isGood, lines.at(-1)]).toEqual([true, '20 passed, 0 failed'])
  })

  test.each<[string, Partial<StepResult>, string]>([
    ['a test failed', { status: 1, report: { tests: 10, failed: 2, skipped: 0 } }, '18 passed, 2 failed'],
    ['a test was skipped', { report: { tests: 10, failed: 0, skipped: 1 } }, '19 passed, 1 failed'],
    ['the runner wrote no report', { report: undefined }, '10 passed, 1 failed'],
    ['the runner was killed after its report', { status: 143 }, '20 passed, 1 failed'],
    ['no test ran', { report: { tests: 0, failed: 0, skipped: 0 } }, '10 passed, 1 failed'],
  ])('is bad when %s', (_, fields, last) => {
    const { lines, isGood } = summarise([step({}), step(fields)])
    expect([isGood, lines.at(-1)]).toEqual([false, last])
  })

  test('is bad without any step', () => {
    expect(summarise([]).isGood).toBe(false)
  })
})

describe('a JUnit report', () => {
  test('has its totals on the first element', () => {
    const suites = '<testsuites name="bun test" tests="12" assertions="30" failures="2" skipped="1" time="0.5">'
    expect(reportOf(`<?xml version="1.0"?>\n${suites}\n<testsuite tests="3" failures="0" skipped="0">`)).toEqual({
      tests: 12,
      failed: 2,
      skipped: 1,
    })
  })

  test.each(['', '<testsuites tests="12">', '<testsuite tests="3" failures="0" skipped="0">'])(
    'that is incomplete is none: %j',
    (xml) => expect(reportOf(xml)).toBeUndefined(),
  )

  test('that was never written is none', async () => {
    expect(await readReport('/nonexistent/report.xml')).toBeUndefined()
  })
})
