import { expect, test } from 'bun:test'
import { concatenated, jsonChunks } from '../../../../src/http/sending/chunks.ts'
import { TimeSlices } from '../../../../src/base/event-loop-yielding.ts'

const textOf = async (data: object) => new TextDecoder().decode(concatenated(await jsonChunks(data, new TimeSlices())))
const list = (length: number) => Array.from({ length }, (_, index) => ({ timestamp: `t-${index}`, sent: index }))

test.each([
  {},
  { summary: { sent: 1, name: '"quoted" 語' } },
  { series: [] },
  { summary: { sent: 1 }, series: list(500), last: 1 },
  { series: list(501) },
  { series: list(1_000), other: list(2_345), none: undefined, last: 'x' },
  { first: 1, series: list(1_001) },
])('an object is the JSON that it always was, in pieces: example %#', async (data) => {
  expect(await textOf(data)).toBe(JSON.stringify(data))
})

test('a long list is written in pieces', async () => {
  expect((await jsonChunks({ series: list(5_000) }, new TimeSlices())).length).toBeGreaterThan(5)
})
