import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ClickHouseEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import type { JsonObject } from '../../../../src/events/event-envelope.ts'
import { Rejection } from '../../../../src/events/rejection.ts'
import { BOUNCE_CLASSES, bounceClassOf } from '../../../../src/messages/bounce-class.ts'
import { linkOf, readClassInputs } from '../../../../src/messages/classes/class-inputs.ts'
import { recipientDomainOf } from '../../../../src/messages/recipient-domain.ts'
import { textKey } from '../../../../src/messages/text-hash.ts'
import { fc } from '../../../support/base/properties.ts'
import { NOW, read, rowOf } from '../../../support/ingest/event-samples.ts'
import { anyEventText } from '../../../support/ingest/event-texts.ts'
import { migrated, openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

const EVENT_TYPES = ['message_sent', 'message_opened', 'message_clicked', 'message_bounced', 'workflow_run_started']

function expectedColumns(eventType: string, text: string) {
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
  let events: ClickHouseEventStore

  beforeAll(async () => {
    opened = await openEmbeddedStore('metadata_columns')
    events = await migrated(opened)
  })
  afterAll(async () => {
    await opened.close()
  })

  /** Stores an event of each type with each text, and returns all rows in that order. */
  const store = async (metadata: readonly string[]) => {
    await opened.store.writer.command('TRUNCATE TABLE analytics_events')
    const rows = metadata.flatMap((text, index) =>
      EVENT_TYPES.map((event_type, type) =>
        rowOf(index * EVENT_TYPES.length + type, { event_type, metadata: text, occurred_at: NOW }),
      ),
    )
    await events.insertRows(...inBlock(rows))
    return opened.store.readers[0]!.query<Record<string, string | null>>(
      'SELECT event_type, metadata, recipient_domain, link, bounce_class FROM analytics_events ORDER BY id',
    )
  }

  test('are what the rules of messages say', async () => {
    const metadata = fc
      .sample(anyEventText, { numRuns: 800 })
      .map(metadataOf)
      .filter((text) => text !== undefined)
    expect(metadata.length).toBeGreaterThan(600)
    const rows = await store(metadata)
    const expected = metadata.flatMap((text) =>
      EVENT_TYPES.map((event_type) => ({ event_type, metadata: text, ...expectedColumns(event_type, text) })),
    )
    expect(rows).toEqual(expected)
    expect(rows.filter((row) => row['recipient_domain'] !== null).length).toBeGreaterThan(400)
    expect(rows.filter((row) => row['link'] !== null).length).toBeGreaterThan(200)
    const classes = new Set(rows.map((row) => row['bounce_class'] ?? ''))
    expect([...classes].toSorted()).toEqual(['', ...BOUNCE_CLASSES].toSorted())
  })

  test('do not prevent an insert, whatever text metadata is', async () => {
    const halves = fc
      .sample(anyEventText, { numRuns: 100 })
      .map((text) => text.slice(0, text.length >> 1).toWellFormed())
    const broken = ['', '{', '}', '[', '"', '{"to":', '{"to":"', '{"to":"\\', '{"to":"\\u', '{"to":-}', '{"to":1.2.3}']
    const odd = ['{"url":"\\ud"}', '{"url":tru}', `{"to":"@${'x'.repeat(1_000_000)}"}`, '{'.repeat(10_000)]
    const metadata = [...halves, ...broken, ...odd]
    expect(await store(metadata)).toHaveLength(metadata.length * EVENT_TYPES.length)
  })
})
