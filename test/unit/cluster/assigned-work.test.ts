import { expect, test } from 'bun:test'
import { AssignedWork } from '../../../src/cluster/assigned-work.ts'
import { PARTITION_COUNT, partitionOfTenant } from '../../../src/cluster/cluster-state.ts'
import type { AssignedIngestion } from '../../../src/cluster/ports.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'

const TENANT = 'tenant-1'
const PARTITION = partitionOfTenant(TENANT)

/** The leader, which owns all partitions. Handing a partition over ends when `settle` is called. */
function createLeader() {
  const clock = new ManualClock(0)
  const settled = Promise.withResolvers<void>()
  const releasing = Promise.withResolvers<void>()
  const source = { isBound: () => true, settledUpTo: 1, isCaughtUp: true }
  const nothing = async () => {}
  const ingestion: AssignedIngestion = {
    openStore: nothing,
    takeFacts: nothing,
    releaseFacts: nothing,
    consumePartition: async () => ({
      source,
      release() {
        releasing.resolve()
        return settled.promise
      },
    }),
    consumeStream: async () => ({ source, release: nothing }),
    releaseDeferred: nothing,
    countInFlight: () => 0,
    flush() {},
    routePending() {},
    resetTenants() {},
  }
  const lastSequence = { asked: 0, response: Promise.resolve(1) }
  const work = new AssignedWork({
    member: 'a',
    ingestion,
    forwarded: {
      idle: nothing,
      lastSequence() {
        lastSequence.asked++
        return lastSequence.response
      },
    },
    freshState: () => ({
      areUnknownWritersFenced: true,
      members: { a: 1 },
      leader: 'a',
      partitions: Array.from({ length: PARTITION_COUNT }, () => 'a'),
    }),
    clock,
    logger: silentLogger,
    signal: new AbortController().signal,
  })
  void work.openLocalRoutes()
  return { clock, work, lastSequence, releasing: releasing.promise, settle: () => settled.resolve() }
}

test('a partition that is being handed over does not become local again', async () => {
  const { clock, work, releasing, settle } = createLeader()
  await work.startPartition(PARTITION)
  await work.startLeading()
  expect(work.assignment.locationOf(TENANT)).toBe('local')
  const stopping = work.stopPartition(PARTITION)
  await releasing
  for (let round = 0; round < 10; round++) {
    await clock.advance(250)
    expect(work.assignment.locationOf(TENANT)).toBe('remote')
  }
  settle()
  await stopping
})

test('the route of a partition that was handed over and taken again does not depend on its earlier route', async () => {
  const { clock, work, lastSequence, settle } = createLeader()
  await work.startLeading()
  const [first, second] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
  lastSequence.response = first.promise
  await work.startPartition(PARTITION)
  await clock.advance(250)
  expect([lastSequence.asked, work.assignment.locationOf(TENANT)]).toEqual([1, 'pending'])
  settle()
  await work.stopPartition(PARTITION)
  lastSequence.response = second.promise
  await work.startPartition(PARTITION)
  const leading = work.startLeading()
  first.resolve(1)
  await clock.advance(0)
  expect([lastSequence.asked, work.assignment.locationOf(TENANT)]).toEqual([2, 'pending'])
  second.resolve(1)
  await leading
  expect(work.assignment.locationOf(TENANT)).toBe('local')
})
