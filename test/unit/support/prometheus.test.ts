import { expect, test } from 'bun:test'
import { parsePrometheus } from '../../support/http/prometheus.ts'

const head = (type: string) => `# HELP m What it is.\n# TYPE m ${type}\n`

test('a family is read with its labels and values', () => {
  const text = `${head('counter')}m{a="x \\"y\\"",b="2"} 3\nm{a="z",b="2"} 4.5\n`
  const { samples, type, help } = parsePrometheus(text).get('m') ?? {}
  expect([type, help, samples?.map(({ value }) => value)]).toEqual(['counter', 'What it is.', [3, 4.5]])
})

test.each([
  ['a line without an end', `${head('counter')}m 1`],
  ['a series twice', `${head('counter')}m 1\nm 2\n`],
  ['a sample of another family', `${head('counter')}n 1\n`],
  ['a value in words', `${head('gauge')}m many\n`],
  ['a label without quotes', `${head('gauge')}m{a=b} 1\n`],
  ['a type that does not exist', `${head('meter')}m 1\n`],
  ['a family twice', `${head('gauge')}m 1\n${head('gauge')}`],
  ['a histogram that falls', `${head('histogram')}m_bucket{le="1"} 2\nm_bucket{le="+Inf"} 1\nm_sum 1\nm_count 1\n`],
  ['a histogram without its last bucket', `${head('histogram')}m_bucket{le="1"} 2\nm_sum 1\nm_count 2\n`],
])('%s is refused', (_, text) => {
  expect(() => parsePrometheus(text)).toThrow('Prometheus could not read')
})
