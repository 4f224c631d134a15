/** Which streams are consumed, and which are refused. */
import { describe, expect, test } from 'bun:test'
import { RetentionPolicy } from 'nats'
import { StartFailure } from '../../../src/base/errors.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { ensureDeferredStream } from '../../../src/nats/deferred/deferred-stream.ts'
import { ensurePartitionStream } from '../../../src/nats/partitions/partition-stream.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { envelope } from '../../support/ingest/event-samples.ts'
import { publish } from '../../support/broker/nats-server.ts'
import { stageSources } from '../../support/broker/source-fixture.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 15_000

const stage = stageSources()
const { started } = stage

async function failure(attempt: Promise<unknown>): Promise<string> {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartFailure)
  return (error as StartFailure).message
}

describe('a stream that is fed by others', () => {
  test('and has no subjects of its own is consumed: a mirror', async () => {
    await stage.jsm.streams.add({ name: 'ORIGIN', subjects: [...SUBJECTS] })
    await stage.jsm.streams.add({ name: 'COPY', mirror: { name: 'ORIGIN' } })
    const { receiver } = await started({ stream: 'COPY' })
    await publish(stage.server.url, [['campaign.started', envelope({})]])
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]).toMatchObject({ stream: 'COPY', subject: 'campaign.started' })
  })

  test('is consumed: one with a source per module', async () => {
    await stage.jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await stage.jsm.streams.add({ name: 'FLOWS', subjects: ['workflow.>', 'campaign.>'] })
    await stage.jsm.streams.add({ name: 'ALL', sources: [{ name: 'MAIL' }, { name: 'FLOWS' }] })
    const { receiver } = await started({ stream: 'ALL' })
    await publish(stage.server.url, [
      ['pipeline.message.sent', envelope({})],
      ['workflow.run.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 2, WAIT_MS)
    expect(receiver.taken.map(({ subject }) => subject).toSorted()).toEqual([
      'pipeline.message.sent',
      'workflow.run.started',
    ])
  })

  test('is consumed whole when it has other subjects of its own', async () => {
    await stage.jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await stage.jsm.streams.add({ name: 'ALL', subjects: ['campaign.>', 'billing.>'], sources: [{ name: 'MAIL' }] })
    const { receiver } = await started({ stream: 'ALL' })
    await publish(stage.server.url, [
      ['pipeline.message.sent', envelope({})],
      ['campaign.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 2, WAIT_MS)
  })
})

describe('a stream that cannot be used', () => {
  test('is refused with a reason: a work queue', async () => {
    await stage.jsm.streams.add({ name: 'QUEUE', subjects: [...SUBJECTS], retention: RetentionPolicy.Workqueue })
    expect(await failure(started())).toContain('The stream QUEUE is a work queue')
  })

  test('is refused with a reason: a missing one whose subjects another captures', async () => {
    await stage.jsm.streams.add({ name: 'APP', subjects: [...SUBJECTS] })
    const message = await failure(started({ stream: 'MINE' }))
    expect(message).toContain('The stream MINE cannot be created: APP captures its subjects')
  })

  test.each([
    ['ANALYTICS_DEAD', 'analytics.dead.*', ensureDeadLetterStream],
    ['ANALYTICS_DEFERRED', 'analytics.deferred.*', ensureDeferredStream],
    ['ANALYTICS_PARTITIONS', 'analytics.partition.>', ensurePartitionStream],
  ])('is refused with a reason: %s, made beforehand, that keeps nothing which no consumer wants', async (...of) => {
    const [name, subject, ensure] = of
    await stage.jsm.streams.add({ name, subjects: [subject], retention: RetentionPolicy.Interest })
    expect(await failure(ensure(stage.jsm))).toContain(`The stream ${name} has the retention interest`)
  })

  test('is refused with a reason: one of ours whose subjects another captures', async () => {
    await stage.jsm.streams.add({ name: 'EVERYTHING', subjects: ['analytics.>'] })
    expect(await failure(ensureDeadLetterStream(stage.jsm))).toContain('EVERYTHING captures its subjects')
  })
})
