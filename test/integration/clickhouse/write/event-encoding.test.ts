import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteWriter } from '../../../../src/clickhouse/write/byte-writer.ts'
import { columnsOf } from '../../../../src/clickhouse/write/column-formats.ts'
import { encodeEvents, EVENTS_TARGET } from '../../../../src/clickhouse/write/event-encoding.ts'
import { readMetadataValues } from '../../../../src/clickhouse/write/metadata-columns.ts'
import { encodeBlock } from '../../../../src/clickhouse/write/native-block.ts'
import type { EventBlock, RowIndexes } from '../../../../src/events/block/event-block.ts'
import { EVENT_COLUMNS, METADATA_COLUMNS } from '../../../../src/events/columns.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { fc } from '../../../support/base/properties.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'
import { blockOf, inBlock } from '../../../support/store/event-blocks.ts'

// Surrogate pairs, combining characters, NUL, empty texts and texts with lengths of one, two and three bytes.
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', minLength: 40, maxLength: 400 }),
    fc.constantFrom(
      '',
      '👩‍👩‍👧‍👦',
      '𝒳'.repeat(32),
      '\ufeff',
      'x'.repeat(63),
      'x'.repeat(64),
      'x'.repeat(127),
      'x'.repeat(128),
    ),
    fc.constant('ü'.repeat(10_000)),
  )
  .map((value) => value.toWellFormed())
const uint32 = fc.integer({ min: 0, max: 4_294_967_295 })
const VALUES: Record<(typeof EVENT_COLUMNS)[number]['type'], fc.Arbitrary<unknown>> = {
  UUID: fc.uuid(),
  String: text,
  'LowCardinality(String)': fc.oneof(fc.constantFrom('', 'email', 'sms'), text),
  'Nullable(String)': fc.option(text),
  'Nullable(UInt32)': fc.option(uint32),
  'DateTime64(3)': fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 }),
}
const anyRow = fc.record(
  Object.fromEntries(EVENT_COLUMNS.map(({ name, type }) => [name, VALUES[type]])),
) as unknown as fc.Arbitrary<EventRow>
/** Most metadata is any text, which the columns that are taken from it are not read from. */
const eventRow = fc.oneof(
  anyRow,
  fc.tuple(anyRow, fc.constantFrom('sent', 'clicked', 'bounced'), text).map(([row, kind, value]) => ({
    ...row,
    event_type: `message_${kind}`,
    metadata: JSON.stringify({ to: `x@${value}`, url: value, code: 550 }),
  })),
)
/** A row, whether it is selected, its surrogate id, and whether an attempt to set another row in its place failed. */
const sample = fc.record({ row: eventRow, isSelected: fc.boolean(), surrogateId: uint32, aborted: fc.option(eventRow) })

const writer = new ByteWriter(1)
const encoded = (events: EventBlock, rows: RowIndexes, surrogateIds: Uint32Array<ArrayBuffer>) =>
  encodeEvents(writer, events, rows, surrogateIds).slice()
const COLUMNS = columnsOf([...EVENT_COLUMNS, { name: 'surrogate_id', type: 'UInt32' }, ...METADATA_COLUMNS])

/** With values that are taken from its metadata. */
const storedRow = (row: EventRow, surrogateId: number) => ({
  ...row,
  surrogate_id: surrogateId,
  ...readMetadataValues(...inBlock([row]))[0]!,
})

describe('the encoding of an event block', () => {
  const directory = mkdtempSync(join(tmpdir(), 'outreach-events-'))
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('event_encoding')
    await opened.store.admin.command('CREATE DATABASE event_encoding')
    const columns = EVENTS_TARGET.columns.map(({ name, type }) => `${name} ${type}`)
    await opened.store.writer.command(`CREATE TABLE samples (${columns.join(', ')}) ENGINE = Memory`)
  })
  afterAll(async () => {
    await opened.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Stores the block and returns the engine's own block of the stored rows. */
  async function writtenByEngine(block: Uint8Array, name: string): Promise<Uint8Array> {
    const eventWriter = opened.store.openWriter()
    const file = join(directory, `${name}.native`)
    await eventWriter.command('TRUNCATE TABLE samples')
    await eventWriter.insert({ ...EVENTS_TARGET, table: 'samples' }, block)
    await eventWriter.command(`SELECT * FROM samples INTO OUTFILE '${file}' TRUNCATE FORMAT Native`)
    return new Uint8Array(readFileSync(file))
  }

  test('equals the block that the engine writes for the selected rows, also after aborted rows', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 30 }), async (samples) => {
        const events = blockOf([])
        for (const { row, aborted } of samples) {
          // Half of the columns were set when the error occurred.
          if (aborted)
            for (const { name } of EVENT_COLUMNS.slice(0, 12))
              (events.columns[name] as { set(index: number, value: unknown): void }).set(events.length, aborted[name])
          events.append(row, [])
        }
        const all = encoded(
          events,
          events.allRows(),
          Uint32Array.from(samples, ({ surrogateId }) => surrogateId),
        )
        expect(await writtenByEngine(all, `all-${run}`)).toEqual(all)

        const selected = samples.filter(({ isSelected }) => isSelected)
        const ids = Uint32Array.from(selected, ({ surrogateId }) => surrogateId)
        const rows = events.allRows().filter((row) => samples[row]!.isSelected)
        const block = encoded(events, rows, ids)
        const alone = blockOf(selected.map(({ row }) => row))
        expect(block).toEqual(encoded(alone, alone.allRows(), ids))
        const plain = selected.map(({ row, surrogateId }) => storedRow(row, surrogateId))
        expect(block).toEqual(encodeBlock(COLUMNS, plain).slice())
        if (selected.length > 0) expect(await writtenByEngine(block, `selected-${run}`)).toEqual(block)
        run++
      }),
      { numRuns: 40 },
    )
  })

  test('equals it also with more distinct symbols than one and two bytes can index', async () => {
    for (const count of [254, 255, 300, 70_000]) {
      const rows = Array.from({ length: count }, (_, index) =>
        rowOf(index, {
          tenant_id: `tenant-${index % 3}`,
          source_type: `label-${index}`,
          contact_id: index % 3 === 0 ? null : '',
          metadata: index === 0 ? 'ü'.repeat(100_000) : 'x'.repeat(index % 300),
        }),
      )
      const events = blockOf(rows)
      const ids = Uint32Array.from(rows, (_, index) => count - index)
      const block = encoded(events, events.allRows(), ids)
      expect(Buffer.compare(await writtenByEngine(block, `many-${count}`), block)).toBe(0)
      // Only the symbols of the selected rows are keys.
      const selection = events.allRows().filter((row) => row % 7 === 3)
      const part = encoded(events, selection, ids.subarray(0, selection.length))
      const alone = blockOf(rows.filter((_, index) => index % 7 === 3))
      expect(Buffer.compare(part, encoded(alone, alone.allRows(), ids.subarray(0, selection.length)))).toBe(0)
    }
  })

  test('contains every value of a block that outgrows its first memory, whichever row is null', () => {
    for (let phase = 0; phase < 4; phase++) {
      const rows = Array.from({ length: 5_000 }, (_, index) => {
        const isPresent = (index + phase) % 4 === 0
        return rowOf(index, {
          tenant_id: `tenant-${index % 100}`,
          contact_id: isPresent ? `contact-${index}` : null,
          campaign_id: isPresent ? null : `campaign-${index}`,
          enrollment_id: index < 1_024 + phase ? null : `enrollment-${index}`,
          step_number: isPresent ? index : null,
          source_type: `source-${index % 600}`,
          metadata: 'x'.repeat(index % 200),
        })
      })
      const events = blockOf(rows)
      const ids = Uint32Array.from(rows, (_, index) => index)
      const plain = rows.map(storedRow)
      expect(Buffer.compare(encoded(events, events.allRows(), ids), encodeBlock(COLUMNS, plain))).toBe(0)
    }
  })

  test('rejects an instant that is not an integer', () => {
    for (const occurred_at of [NaN, Infinity, 0.5, Number.MAX_SAFE_INTEGER + 1]) {
      const events = blockOf([rowOf(1), rowOf(2, { occurred_at })])
      expect(() => encoded(events, events.allRows(), new Uint32Array(2))).toThrow('safe integer')
      expect(encoded(events, Uint32Array.of(0), new Uint32Array(1)).length).toBeGreaterThan(0)
    }
  })
})
