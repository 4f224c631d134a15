import { describe, expect, test } from 'bun:test'
import type { EventRow } from '../../../../src/events/event-row.ts'
import type { StoredComparison } from '../../../../src/ingest/ports.ts'
import { migrated, ENGINE_PATHS } from '../../../support/store/engine.ts'
import { accept, envelope } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const ODD = ['NUL\0', 'quote \' \\ " {tenant:String}', 'שלום', '👩‍👩‍👧', '\u2028line\nbreak\ttab', '', 'x'.repeat(30_000)]

describe.each(ENGINE_PATHS)('a stored row on the %s', (_, openStore) => {
  test('equals its repetition for all kinds of values, and differs from a row with one other value', async () => {
    const opened = await openStore('conflicts_test')
    const events = await migrated(opened)
    const rowOf = (index: number, fields: object = {}) =>
      accept(
        envelope(
          {
            messageId: `m${ODD[index]}`,
            contactId: ODD[index],
            channel: 'email',
            stepNumber: index + 1,
            enrollmentId: index % 2 ? 'e' : undefined,
            metadata: { odd: ODD[index], big: 2 ** 60, fraction: 0.1, nothing: null },
            ...fields,
          },
          { eventId: `e${index}` },
        ),
      ).row
    const rows = ODD.map((__, index) => rowOf(index))
    await events.insertRows(...inBlock(rows))
    const compare = (compared: readonly EventRow[]) => events.compareWithStored(...inBlock(compared))
    const all = (comparison: StoredComparison) => rows.map(() => comparison)
    expect(await compare(rows.map((_row, index) => rowOf(index)))).toEqual(all('same'))
    expect(await compare(rows.map((_row, index) => rowOf(index, { metadata: {} })))).toEqual(all('different'))
    expect(await compare(rows.map((_row, index) => rowOf(index, { stepNumber: null })))).toEqual(all('different'))
    const later = rows.map((row) => ({ ...row, occurred_at: row.occurred_at + 1 }))
    expect(await compare(later)).toEqual(all('different'))
    await opened.close()
  }, 30_000)
})
