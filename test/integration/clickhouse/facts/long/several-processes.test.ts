import { expect, test } from 'bun:test'
import { RULES_VERSION } from '../../../../../src/messages/classes/class-rules.ts'
import { until } from '../../../../support/process/until.ts'
import { migrated, STORE_PATHS, type TestStore } from '../../../../support/store/engine.ts'
import {
  type FactsProcess,
  type FactsProcessOptions,
  ingest,
  insertOnly,
  startFactsProcess,
  versionStates,
} from '../../../../support/store/facts/facts-fixture.ts'
import {
  CHANGED_RULES,
  changedRulesOf,
  expectedCounts,
  randomMessageRows,
  storedCounts,
} from '../../../../support/store/facts/message-facts.ts'

const TIMEOUT_MS = 120_000
const [, openServerStore] = STORE_PATHS[1]
const partitions = { count: 2, of: (tenantId: string) => (tenantId === 't2' ? 1 : 0) }

const start = (opened: TestStore, writerName: string, options: FactsProcessOptions) =>
  startFactsProcess(opened, { partitions, writerName, isLeader: () => false, ...options })

/** Long enough for every process to do what is due. */
async function rounds(...processes: readonly FactsProcess[]): Promise<void> {
  const before = processes.map((process) => process.rounds())
  const hasRun = () => processes.every((process, index) => process.rounds() >= before[index]! + 3)
  await until(hasRun, 30_000, 'rounds of the background')
}

test(
  'processes with different rules never alternate; the rules of all processes are used once they agree',
  async () => {
    const opened = await openServerStore('facts_deployment_test')
    await migrated(opened)
    const rows = randomMessageRows(20_261_204, 400)
    const partitionOf = (row: { tenant_id: string }) => partitions.of(row.tenant_id)
    const [first = [], second = []] = [0, 1].map((partition) => rows.filter((row) => partitionOf(row) === partition))
    let leader = 'old'
    const old = await start(opened, 'old', { takes: [0, 1], isLeader: () => leader === 'old' })
    await ingest(old, [...first.slice(0, 150), ...second.slice(0, 70)])

    // One process after the other gets the new configuration; either may be the leader.
    const changed = await start(opened, 'changed', {
      rules: CHANGED_RULES,
      takes: [],
      isLeader: () => leader === 'changed',
    })
    await old.keeper.release(1)
    await changed.keeper.take(1)
    await ingest(changed, second.slice(70))
    for (leader of ['changed', 'old', 'changed']) await rounds(old, changed)
    expect(await versionStates(opened)).toEqual({ 1: 'active' })

    await old.keeper.release(0)
    await changed.keeper.take(0)
    await ingest(changed, first.slice(150))
    await until(async () => (await versionStates(opened))[1] === 'deleted', 30_000, 'the new version')
    expect(await storedCounts(opened.store.lookups, 2)).toEqual(expectedCounts(rows, changedRulesOf))

    // A process with the old configuration comes back.
    await changed.keeper.release(1)
    await old.keeper.take(1)
    for (leader of ['old', 'changed']) await rounds(old, changed)
    expect(await versionStates(opened)).toEqual({ 1: 'deleted', 2: 'active' })
    await old.stop()
    await changed.stop()
    await opened.close()
  },
  TIMEOUT_MS,
)

test(
  'a version of a later program is complete once its processes have taken over what an earlier one stored, even if that was killed',
  async () => {
    const opened = await openServerStore('facts_programs_test')
    const { store } = opened
    await migrated(opened)
    const rows = randomMessageRows(20_261_205, 300)
    const isSecond = (row: { tenant_id: string }) => partitions.of(row.tenant_id) === 1
    const [before, during] = [rows.slice(0, 200), rows.slice(200).filter(isSecond)]
    const earlier = await start(opened, 'earlier', { takes: [0, 1] })
    await ingest(earlier, before)
    for (const partition of [0, 1]) await earlier.keeper.release(partition)

    // Leads for one round, in which it begins the version.
    let roundsToLead = 1
    const later = await start(opened, 'later', {
      rulesVersion: RULES_VERSION + 1,
      takes: [0, 1],
      isLeader: () => roundsToLead-- > 0,
    })
    await until(async () => (await versionStates(opened))[2] === 'building', 30_000, 'the new version')
    await later.keeper.release(1)
    await earlier.keeper.take(1)
    roundsToLead = Infinity
    await ingest(earlier, during.slice(0, 10))
    await insertOnly(earlier, during.slice(10))
    await rounds(earlier, later)
    expect(await versionStates(opened)).toEqual({ 1: 'active', 2: 'building' })

    await store.fences!.fenceWriter('earlier')
    await earlier.stop()
    await later.keeper.take(1)
    await until(async () => (await versionStates(opened))[2] === 'active', 30_000, 'the new version')
    expect(await storedCounts(store.lookups, 2)).toEqual(expectedCounts([...before, ...during]))
    await later.stop()
    await opened.close()
  },
  TIMEOUT_MS,
)
