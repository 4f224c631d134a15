import { describe, expect, test } from 'bun:test'
import { FactsBlock } from '../../../../src/clickhouse/facts/facts-block.ts'
import { factsValuesOf } from '../../../../src/clickhouse/facts/facts-row.ts'
import { RecentFacts } from '../../../../src/clickhouse/facts/recent-facts.ts'
import { TouchedMessages } from '../../../../src/clickhouse/facts/touched-messages.ts'
import { DEFAULT_RULES } from '../../../../src/messages/classes/class-rules.ts'
import { NO_INPUTS } from '../../../../src/messages/classes/class-inputs.ts'
import { chanceOf } from '../../../support/base/random.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

type Message = readonly [tenant: string, id: string]

const TENANTS = ['t1', 't2', 'ünï']
const touchedBy = (messages: readonly Message[]) =>
  new TouchedMessages(
    ...inBlock(
      messages.map(([tenant_id, entity_id], index) =>
        rowOf(index, { event_type: 'message_sent', tenant_id, entity_id }),
      ),
    ),
  )

/** A written block in which each message has a row of its own, with this time. */
function written(messages: readonly Message[], at: number): FactsBlock {
  const touched = touchedBy(messages)
  const block = new FactsBlock()
  for (let message = 0; message < touched.size; message++) {
    const events = [
      {
        id: '0123456789abcdef',
        kind: 'delivered' as const,
        occurredAt: at,
        inputs: NO_INPUTS,
        bounceClass: undefined,
        dimensions: undefined,
      },
    ]
    // As when a message changes: its former row stands before the new one.
    block.append(touched, message, events, factsValuesOf(events, DEFAULT_RULES), undefined)
    block.copy(block, block.length - 1, 1)
    block.signs[block.length - 2] = -1
  }
  return block
}

/** Writes random messages in blocks of random sizes; returns how many of all lookups found a row. Each row that is found has to be the latest. */
function shareFound(maxBytes: number, clearAt?: number): number {
  const { below } = chanceOf(20_261_129)
  const recent = new RecentFacts(maxBytes)
  const latest = new Map<string, number>()
  let [asked, found] = [0, 0]
  for (let round = 1; round <= 60; round++) {
    const size = round % 10 === 0 ? 5_000 : 1 + below(40)
    const messages = Array.from({ length: size }, (): Message => [TENANTS[below(3)]!, `message-${below(20_000)}`])
    recent.keep(written(messages, round))
    for (const message of messages) latest.set(message.join('/'), round)
    if (round === clearAt) {
      recent.clear()
      latest.clear()
    }
    const questions = messages.slice(0, 20)
    for (let index = 0; index < 20; index++) questions.push([TENANTS[below(3)]!, `message-${below(40_000)}`])
    const touched = touchedBy(questions)
    for (let message = 0; message < touched.size; message++) {
      const row = touched.firstRow(message)
      const { tenant_id, entity_id } = touched.events.columns
      const at = latest.get(`${tenant_id.read(row)}/${entity_id.read(row)}`)
      const place = recent.find(touched, message)
      if (at !== undefined) asked++
      if (!place) continue
      found++
      expect(place.block.signs[place.row]).toBe(1)
      expect(place.block.columns.sent_at.read(place.row)).toBe(at!)
      expect(place.block.columns.message_id.read(place.row)).toBe(entity_id.read(row))
    }
  }
  return found / asked
}

describe('the facts that were written last', () => {
  test('are found, each message with its latest row', () => {
    expect(shareFound(Infinity)).toBe(1)
  })

  test('are found as long as they fit into the memory, and never out of date', () => {
    const share = shareFound(4 * 1_048_576)
    expect(share).toBeGreaterThan(0.3)
    expect(share).toBeLessThan(1)
    expect(shareFound(1)).toBe(0)
  })

  test('are not found after they were forgotten', () => {
    expect(shareFound(Infinity, 33)).toBe(1)
  })
})
