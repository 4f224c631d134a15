import { describe, expect, test } from 'bun:test'
import { IS_FULL } from '../../../support/base/depth.ts'
import { fc } from '../../../support/base/properties.ts'
import { createQueryPort } from '../../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { findEventDefinition, SUBJECTS } from '../../../../src/events/catalogue.ts'
import type { EventRow, NameObservation } from '../../../../src/events/event-row.ts'
import type { EventStore } from '../../../../src/ingest/ports.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../../src/base/time-zone.ts'
import { DASHBOARDS } from '../../../support/dashboards/dashboards.ts'
import { migrated, STORE_PATHS } from '../../../support/store/engine.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { dashboardNames } from '../../../support/oracle/oracle.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

/** Part of every text of the other tenant. */
const MARKER = 'theirs-9c41'
const DAY_MS = 86_400_000
const END = Math.floor(Date.now() / DAY_MS) * DAY_MS
const RANGE = { start: END - 20 * DAY_MS, end: END - 1 }
const KINDS = ['campaign', 'workflow', 'sequence', 'template'] as const

/** Pairs that a wrong comparison would treat as equal: by case, prefix or pattern. */
const PAIRS = [
  ['acme', 'ACME'],
  ['acme', 'acme.'],
  ['t_1', 't-1'],
  ['1', '01'],
  ['a:b', 'a'],
] as const

const EVENT_KINDS = SUBJECTS.map((subject) => findEventDefinition(subject.replace('*', 'replied'))!)

const event = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  channel: fc.constantFrom('', 'email', 'sms'),
  /** Few ids, so that both tenants use the same ones. */
  id: fc.integer({ min: 0, max: 3 }),
  contact: fc.integer({ min: 0, max: 5 }),
  atMs: fc.integer({ min: RANGE.start, max: RANGE.end }),
  step: fc.option(fc.integer({ min: 1, max: 4 })),
})
type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never

/** Rows and a name per id; every visible text contains `mark`. */
function stored(tenant: string, events: readonly Event[], firstIndex: number, mark: string) {
  const idOf = (kind: string, { id }: Event) => (id === 0 ? `${kind}-shared` : `${kind}-${id}${mark}`)
  const rows = events.map((one, index): EventRow =>
    rowOf(firstIndex + index, {
      tenant_id: tenant,
      event_type: one.kind.eventType,
      entity_type: one.kind.entityType,
      entity_id: `entity-${one.contact}${mark}`,
      channel: one.channel,
      contact_id: `contact-${one.contact}${mark}`,
      campaign_id: idOf('campaign', one),
      workflow_id: idOf('workflow', one),
      sequence_id: idOf('sequence', one),
      template_id: idOf('template', one),
      metadata: JSON.stringify({ mark }),
      occurred_at: one.atMs,
      step_number: one.step,
      enrollment_id: one.kind.entityType === 'sequence' ? `entity-${one.contact}${mark}` : null,
    }),
  )
  const names = events.flatMap((one) =>
    KINDS.map((kind): NameObservation => ({
      tenant_id: tenant,
      kind,
      id: idOf(kind, one),
      name: `Name${mark}`,
      occurred_at: one.atMs,
    })),
  )
  return { rows, names }
}

async function store(events: EventStore, { rows, names }: ReturnType<typeof stored>): Promise<void> {
  for (const month of Map.groupBy(rows, ({ occurred_at }) => events.storePartitionOf(occurred_at)).values())
    await events.insertRows(...inBlock(month))
  await events.writeNames(names)
}

describe.each(STORE_PATHS)('isolation on the %s', (_, open) => {
  test('the rows of another tenant never change a dashboard of a tenant or appear in it', async () => {
    const opened = await open('isolation_test')
    const events = await migrated(opened)
    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const zone = findTimeZone('Asia/Kathmandu')!
    let round = 0
    const ask = async (tenantId: string) => {
      const filters = [
        {},
        { campaignId: 'campaign-shared', workflowId: 'workflow-shared', sequenceId: 'sequence-shared' },
      ]
      const answers = dashboardNames.flatMap((name, place) =>
        // Two rounds ask each dashboard with both.
        (IS_FULL ? filters : [filters[(place + round) % 2]!]).map((filter) =>
          DASHBOARDS[name](port, { tenantId, range: RANGE, zone, ...filter }),
        ),
      )
      return JSON.stringify(await Promise.all(answers))
    }
    let index = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PAIRS),
        fc.array(event, { minLength: 1, maxLength: 30 }),
        fc.array(event, { minLength: 1, maxLength: 60 }),
        async ([mine, theirs], my, their) => {
          // Each run has its own tenants, since stored rows stay.
          const prefix = `r${round++}.`
          await store(events, stored(prefix + mine, my, (index += 100), ''))
          const alone = await ask(prefix + mine)
          await store(events, stored(prefix + theirs, their, (index += 100), MARKER))
          expect(await ask(prefix + mine)).toBe(alone)
          expect(alone).not.toContain(MARKER)
        },
      ),
      { numRuns: IS_FULL ? 20 : 2, endOnFailure: true },
    )
    // Beside the rows of all runs.
    expect(await ask('stranger')).not.toContain(MARKER)
    await opened.close()
  }, 120_000)

  test('control: the dashboard of the other tenant shows its rows', async () => {
    const opened = await open('isolation_test')
    const events = await migrated(opened)
    const port = createQueryPort(opened.store, systemClock, createServiceMetrics())
    const one: Event = { kind: EVENT_KINDS[0]!, channel: 'email', id: 1, contact: 1, atMs: RANGE.start, step: null }
    await store(events, stored('theirs', [one], 1, MARKER))
    const answer = await DASHBOARDS.campaigns(port, { tenantId: 'theirs', range: RANGE, zone: findTimeZone('UTC')! })
    expect(JSON.stringify(answer)).toContain(MARKER)
    await opened.close()
  }, 60_000)
})
