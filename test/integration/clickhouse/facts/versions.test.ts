import { describe, expect, test } from 'bun:test'
import { systemClock } from '../../../../src/base/clock.ts'
import { ActiveVersion } from '../../../../src/clickhouse/facts/versions/active-version.ts'
import { RULES_VERSION } from '../../../../src/messages/classes/class-rules.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../../src/messages/classes/parse-class-rules.ts'
import { until } from '../../../support/process/until.ts'
import { migrated, ENGINE_PATHS } from '../../../support/store/engine.ts'
import { ingest, insertOnly, startFactsProcess, versionStates } from '../../../support/store/facts/facts-fixture.ts'
import {
  CHANGED_RULES,
  changedRulesOf,
  expectedCounts,
  randomMessageRows,
  storedCounts,
} from '../../../support/store/facts/message-facts.ts'

const DATABASE = 'facts_versions_test'
const TIMEOUT_MS = 120_000

describe.each(ENGINE_PATHS)('versions of the facts on the %s', (_, openStore) => {
  test(
    'the first version is built from events that are stored already, and later ones for other rules, while events arrive',
    async () => {
      const opened = await openStore(DATABASE)
      const { store } = opened
      await migrated(opened)
      const rows = randomMessageRows(20_261_201, 900)
      const [history, late, later] = [rows.slice(0, 500), rows.slice(500, 700), rows.slice(700)]
      const old = await startFactsProcess(opened)
      await insertOnly(old, history)
      await old.stop()
      for (const table of ['analytics_facts_versions', 'analytics_facts_progress'])
        await store.admin.command(`TRUNCATE TABLE ${DATABASE}.${table}`)

      const active = new ActiveVersion({
        connection: store.lookups,
        rules: DEFAULT_RULES_BY_TENANT,
        clock: systemClock,
      })
      const first = await startFactsProcess(opened)
      await active.refresh()
      const progress = active.rulesNumber === undefined ? active.progress : 0
      expect(progress).toBeLessThan(1)
      for (let at = 0; at < late.length; at += 100) await ingest(first, late.slice(at, at + 100))
      await until(async () => (await versionStates(opened))[1] === 'active', 30_000, 'the first version')
      expect(await storedCounts(store.lookups, 1)).toEqual(expectedCounts([...history, ...late]))
      await first.stop()

      const second = await startFactsProcess(opened, { rules: CHANGED_RULES })
      let ingested = [...history, ...late]
      for (let at = 0; at < later.length; at += 100) {
        const next = later.slice(at, at + 100)
        await ingest(second, next)
        ingested = [...ingested, ...next]
        await active.refresh()
        const counts = await storedCounts(store.lookups, active.rulesNumber!)
        // The old version stays exact by its own rules until the new one takes its place.
        expect(counts).toEqual(expectedCounts(ingested, active.rulesNumber === 1 ? undefined : changedRulesOf))
      }
      await until(async () => (await versionStates(opened))[1] === 'deleted', 30_000, 'the second version')
      expect(await versionStates(opened)).toEqual({ 1: 'deleted', 2: 'active' })
      expect(await storedCounts(store.lookups, 2)).toEqual(expectedCounts(rows, changedRulesOf))
      expect(await storedCounts(store.lookups, 1)).toEqual(expectedCounts([]))
      expect(expectedCounts(rows, changedRulesOf)).not.toEqual(expectedCounts(rows))
      await second.stop()

      // A later version of the program classifies again, and an earlier one does not start beside it.
      const third = await startFactsProcess(opened, { rules: CHANGED_RULES, rulesVersion: RULES_VERSION + 1 })
      await until(async () => (await versionStates(opened))[3] === 'active', 30_000, 'the third version')
      expect(await storedCounts(store.lookups, 3)).toEqual(expectedCounts(rows, changedRulesOf))
      await active.refresh()
      expect(active).toMatchObject({ rulesNumber: 3, rulesVersion: RULES_VERSION + 1, progress: 1 })
      await third.stop()
      const earlier = startFactsProcess(opened, { rules: CHANGED_RULES })
      expect(await earlier.catch((error: Error) => error.message)).toContain('start that version')
      await opened.close()
    },
    TIMEOUT_MS,
  )

  test(
    'events that were stored without their facts are added at the next start; control: without that they are missing',
    async () => {
      const opened = await openStore(DATABASE)
      const { store } = opened
      await migrated(opened)
      const rows = randomMessageRows(20_261_202, 300)
      const killed = await startFactsProcess(opened)
      await ingest(killed, rows.slice(0, 200))
      await insertOnly(killed, rows.slice(200))
      await killed.stop()
      expect(await storedCounts(store.lookups, 1)).toEqual(expectedCounts(rows.slice(0, 200)))

      const next = await startFactsProcess(opened)
      await until(
        async () => Bun.deepEquals(await storedCounts(store.lookups, 1), expectedCounts(rows)),
        30_000,
        'the facts of all events',
      )
      await next.stop()
      await opened.close()
    },
    TIMEOUT_MS,
  )
})
