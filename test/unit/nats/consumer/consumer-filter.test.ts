/** Which subjects a consumer asks for on a server that knows several filters; the tests of the source run on one that knows one. */
import { expect, test } from 'bun:test'
import type { StreamConfig, StreamInfo } from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { consumerConfig } from '../../../../src/nats/consumer/consumer-config.ts'

function filtersOf(config: Partial<StreamConfig>, serverVersion = '2.12.0') {
  const stream = { config: { name: 'ANY', ...config } } as StreamInfo
  const limits = { maxAckPending: 1_000, ackWaitMs: 60_000 }
  return consumerConfig({ stream, durable: 'analytics', limits, serverVersion }, 0).filter_subjects
}

test('messages of other subjects are filtered out where the server supports several filters', () => {
  expect(filtersOf({ subjects: [...SUBJECTS, 'billing.>'] })).toEqual([...SUBJECTS])
  expect(filtersOf({ subjects: ['contact.created', 'billing.>'] })).toEqual(['contact.created'])
  expect(filtersOf({ subjects: [...SUBJECTS, 'billing.>'] }, '2.9.10')).toBeUndefined()
  expect(filtersOf({ subjects: [...SUBJECTS] })).toBeUndefined()
})

test.each<[string, Partial<StreamConfig>]>([
  ['a mirror', { mirror: { name: 'ORIGIN' } }],
  ['a stream of sources only', { sources: [{ name: 'MAIL' }] }],
  ['a stream with sources and further subjects', { subjects: ['billing.>'], sources: [{ name: 'MAIL' }] }],
  ['a stream that changes subjects', { subjects: ['app.>'], subject_transform: { src: 'app.>', dest: '>' } }],
])('%s is consumed whole: its own subjects do not tell what it holds', (_, config) => {
  expect(filtersOf(config)).toBeUndefined()
})
