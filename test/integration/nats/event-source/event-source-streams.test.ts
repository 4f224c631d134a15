/** Which streams are consumed, and which are refused. */
import { describe, expect, test } from 'bun:test'
import { RetentionPolicy } from 'nats'
import { StartFailure } from '../../../../src/base/errors.ts'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { ensureDeferredStream } from '../../../../src/nats/deferred/deferred-stream.ts'
import { ensurePartitionStream } from '../../../../src/nats/partitions/partition-stream.ts'
import { ensureDeadLetterStream } from '../../../../src/nats/dead-letters/dead-letter-stream.ts'
import { envelope } from '../../../support/ingest/event-samples.ts'
import { publish } from '../../../support/broker/nats-server.ts'
import { sourceFixture } from '../../../support/broker/source-fixture.ts'
import { until } from '../../../support/process/until.ts'

const WAIT_MS = 15_000

const fixture = sourceFixture()
const { started } = fixture

async function failure(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartFailure)
  return (error as StartFailure).message
}

describe('a stream with sources', () => {
  test('without own subjects is consumed: a mirror', async () => {
    await fixture.jsm.streams.add({ name: 'ORIGIN', subjects: [...SUBJECTS] })
    await fixture.jsm.streams.add({ name: 'COPY', mirror: { name: 'ORIGIN' } })
    const { receiver } = await started({ stream: 'COPY' })
    await publish(fixture.server.url, [['campaign.started', envelope({})]])
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]).toMatchObject({ stream: 'COPY', subject: 'campaign.started' })
  })

  test('is consumed when it has a source per module', async () => {
    await fixture.jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await fixture.jsm.streams.add({ name: 'FLOWS', subjects: ['workflow.>', 'campaign.>'] })
    await fixture.jsm.streams.add({ name: 'ALL', sources: [{ name: 'MAIL' }, { name: 'FLOWS' }] })
    const { receiver } = await started({ stream: 'ALL' })
    await publish(fixture.server.url, [
      ['pipeline.message.sent', envelope({})],
      ['workflow.run.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 2, WAIT_MS)
    expect(receiver.taken.map(({ subject }) => subject).toSorted()).toEqual([
      'pipeline.message.sent',
      'workflow.run.started',
    ])
  })

  test('is consumed completely when it has other subjects of its own', async () => {
    await fixture.jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await fixture.jsm.streams.add({ name: 'ALL', subjects: ['campaign.>', 'billing.>'], sources: [{ name: 'MAIL' }] })
    const { receiver } = await started({ stream: 'ALL' })
    await publish(fixture.server.url, [
      ['pipeline.message.sent', envelope({})],
      ['campaign.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 2, WAIT_MS)
  })
})

describe('a stream that cannot be used', () => {
  test('is refused with a reason: a work queue', async () => {
    await fixture.jsm.streams.add({ name: 'QUEUE', subjects: [...SUBJECTS], retention: RetentionPolicy.Workqueue })
    expect(await failure(started())).toContain('The stream QUEUE is a work queue')
  })

  test('is refused with a reason: a missing stream whose subjects another one captures', async () => {
    await fixture.jsm.streams.add({ name: 'APP', subjects: [...SUBJECTS] })
    const message = await failure(started({ stream: 'MINE' }))
    expect(message).toContain('The stream MINE cannot be created: APP captures its subjects')
  })

  test.each([
    ['ANALYTICS_DEAD', 'analytics.dead.*', ensureDeadLetterStream],
    ['ANALYTICS_DEFERRED', 'analytics.deferred.*', ensureDeferredStream],
    ['ANALYTICS_PARTITIONS', 'analytics.partition.>', ensurePartitionStream],
  ])('is refused with a reason: %s that keeps only messages with interested consumers', async (...of) => {
    const [name, subject, ensure] = of
    await fixture.jsm.streams.add({ name, subjects: [subject], retention: RetentionPolicy.Interest })
    expect(await failure(ensure(fixture.jsm))).toContain(`The stream ${name} has the retention interest`)
  })

  test('is refused with a reason: one of the service whose subjects another captures', async () => {
    await fixture.jsm.streams.add({ name: 'EVERYTHING', subjects: ['analytics.>'] })
    expect(await failure(ensureDeadLetterStream(fixture.jsm))).toContain('EVERYTHING captures its subjects')
  })
})
