import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { columnsOf } from '../../../../src/clickhouse/write/column-formats.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { encodeBlock } from '../../../../src/clickhouse/write/native-block.ts'
import { EVENT_COLUMNS } from '../../../../src/events/columns.ts'
import type { JsonObject } from '../../../../src/events/event-envelope.ts'
import { Rejection } from '../../../../src/events/rejection.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import { BOUNCE_CLASSES, bounceClassOf } from '../../../../src/messages/bounce-class.ts'
import { linkOf, readClassInputs } from '../../../../src/messages/classes/class-inputs.ts'
import { recipientDomainOf } from '../../../../src/messages/recipient-domain.ts'
import { textKey } from '../../../../src/messages/text-hash.ts'
import { IS_FULL } from '../../../support/base/depth.ts'
import { fc } from '../../../support/base/properties.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { NOW, read, rowOf } from '../../../support/ingest/event-samples.ts'
import { anyEventText } from '../../../support/ingest/event-texts.ts'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const MIGRATION = '0016_add_metadata_columns.sql'
const EVENT_TYPES = ['message_sent', 'message_opened', 'message_clicked', 'message_bounced', 'workflow_run_started']

interface Columns {
  readonly recipient_domain: string | null
  readonly link: string | null
  readonly bounce_class: string | null
}

function expectedColumns(eventType: string, text: string): Columns {
  const metadata = JSON.parse(text) as JsonObject
  const link = linkOf(metadata)
  expect(readClassInputs(metadata).link).toBe(link === undefined ? undefined : textKey(link))
  return {
    recipient_domain: recipientDomainOf(metadata)?.toWellFormed() ?? null,
    link: eventType === 'message_opened' || eventType === 'message_clicked' ? (link?.toWellFormed() ?? null) : null,
    bounce_class: eventType === 'message_bounced' ? bounceClassOf(metadata) : null,
  }
}

/** The `metadata` of a row; undefined for an event that is rejected. */
function metadataOf(text: string): string | undefined {
  const event = read(text)
  return event instanceof Rejection ? undefined : event.row.metadata
}

describe('the columns that are taken from metadata', () => {
  let opened: TestStore
  const apply = (isApplied: (name: string) => boolean) =>
    migrate(
      opened.store.admin,
      opened.database,
      readMigrations().filter(({ name }) => isApplied(name)),
      silentLogger,
    )
  const rowsOf = (from: number, metadata: readonly string[]) =>
    metadata.flatMap((text, index) =>
      EVENT_TYPES.map((event_type, type) =>
        rowOf(from + index * EVENT_TYPES.length + type, { event_type, metadata: text, occurred_at: NOW }),
      ),
    )
  const insert = async (from: number, metadata: readonly string[]) => {
    const events = createEventStore(opened.store)
    await events.open()
    await events.insertRows(...inBlock(rowsOf(from, metadata)))
  }
  /** In the order of the ids. */
  const stored = async (table = 'analytics_events') =>
    opened.store.readers[0]!.query<Columns & { event_type: string; metadata: string }>(
      `SELECT event_type, metadata, recipient_domain, link, bounce_class FROM ${table} ORDER BY id`,
    )
  /** The stored rows with the columns as the engine calculates them for an insert without them. */
  const recalculated = async () => {
    const { writer } = opened.store
    await writer.command('DROP TABLE IF EXISTS recalculated')
    await writer.command('CREATE TABLE recalculated AS analytics_events')
    await writer.command(
      'INSERT INTO recalculated (id, event_type, occurred_at, metadata) SELECT id, event_type, occurred_at, metadata FROM analytics_events',
    )
    return stored('recalculated')
  }
  const truncate = () => opened.store.writer.command('TRUNCATE TABLE analytics_events')
  const expectEqual = (rows: Awaited<ReturnType<typeof stored>>) => {
    for (const { event_type, metadata, ...columns } of rows)
      expect({ event_type, metadata, ...columns }).toEqual({
        event_type,
        metadata,
        ...expectedColumns(event_type, metadata),
      })
  }

  beforeAll(async () => {
    opened = await openEmbeddedStore('metadata_columns')
  })
  afterAll(async () => {
    await opened.close()
  })

  test('are what the rules of messages say, for rows from before and after the migration, when parts are merged, and for an insert without them', async () => {
    const texts = fc.sample(anyEventText, { numRuns: IS_FULL ? 5_000 : 800 })
    const metadata = texts.map(metadataOf).filter((text) => text !== undefined)
    expect(metadata.length).toBeGreaterThan(600)
    const half = metadata.length >> 1
    const halfRows = half * EVENT_TYPES.length
    await apply((name) => name < MIGRATION)
    const formerColumns = { table: 'analytics_events', columns: EVENT_COLUMNS }
    const formerRows = rowsOf(0, metadata.slice(0, half))
    await opened.store.openWriter().insert(formerColumns, encodeBlock(columnsOf(EVENT_COLUMNS), formerRows))
    await apply(() => true)
    await insert(halfRows, metadata.slice(half))
    const rows = await stored()
    expect(rows.map((row) => row.metadata)).toEqual(metadata.flatMap((text) => EVENT_TYPES.map(() => text)))
    expectEqual(rows)
    for (const part of [rows.slice(0, halfRows), rows.slice(halfRows)]) {
      expect(part.filter((row) => row.recipient_domain !== null).length).toBeGreaterThan(200)
      expect(part.filter((row) => row.link !== null).length).toBeGreaterThan(100)
      expect([...new Set(part.map((row) => row.bounce_class ?? ''))].toSorted()).toEqual(
        ['', ...BOUNCE_CLASSES].toSorted(),
      )
    }
    await opened.store.writer.command('OPTIMIZE TABLE analytics_events FINAL')
    expect(await stored()).toEqual(rows)
    expect(await recalculated()).toEqual(rows)
  })

  test('have lower case as in JavaScript, for every character and at the end of a word', async () => {
    const characters = Array.from({ length: 0x110000 }, (_, code) => code)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((character) => character.toLowerCase() !== character || /\s/u.test(character))
    const contexts = [
      'ΑΣ',
      'ΑΣ.',
      'ΑΣΑ',
      'Σ',
      '1Σ',
      'ΑΣ\u0301',
      'Α\u00adΣ',
      'ΑΣ\u00ad.Α',
      'İ',
      'ΑΣ\u{1f600}',
      '\u{10400}Σ',
    ]
    const metadata = [
      ...characters.map((character) => JSON.stringify({ to: `x@A${character}b`, reason: `ha${character}rd` })),
      ...contexts.map((recipientDomain) => JSON.stringify({ recipientDomain })),
    ]
    await truncate()
    await insert(0, metadata)
    expectEqual(await recalculated())
  })

  test('do not prevent an insert, whatever text metadata is', async () => {
    const texts = fc.sample(
      fc.oneof(
        anyEventText.map((text) => text.slice(0, text.length >> 1).toWellFormed()),
        anyEventText,
      ),
      100,
    )
    const metadata = [
      ...texts,
      ...[
        '',
        '{',
        '}',
        '[',
        '"',
        '{"to":',
        '{"to":"',
        '{"to":"\\',
        '{"to":"\\u',
        '{"to":-}',
        '{"to":1e}',
        '{"to":1.2.3}',
      ],
      ...['{"url":"\\ud"}', '{"url":tru}', '{"code":"\\q"}', `{"to":"@${'x'.repeat(1_000_000)}"}`, '{'.repeat(10_000)],
    ]
    await truncate()
    await insert(0, metadata)
    const count = metadata.length * EVENT_TYPES.length
    expect(await stored()).toHaveLength(count)
    expect(await recalculated()).toHaveLength(count)
    await opened.store.writer.command(
      `INSERT INTO recalculated (id, event_type, occurred_at, metadata)
       SELECT generateUUIDv4(), arrayJoin(['message_sent', 'message_clicked', 'message_bounced']), now64(3), arrayJoin(['\\xff', '{"to":"\\xff\\xfe@\\xff","url":"\\xff","code":"\\xff\\\\ud800"}'])`,
    )
    expect(await stored('recalculated')).toHaveLength(count + 6)
  })
})
