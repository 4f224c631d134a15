import { describe, expect, test } from 'bun:test'
import type { CommitObserver } from '../../../../src/ingest/ports.ts'
import { unavailable } from '../../../support/ingest/ingest-ports.ts'
import { settled } from '../../../support/base/manual-clock.ts'
import { eventOf, writerFixture } from '../../../support/ingest/writer-fixture.ts'

function observed(begin: () => Promise<void> | undefined = () => undefined) {
  const heard: string[] = []
  const idsOf = (...[events, rows]: Parameters<CommitObserver['end']>) =>
    Array.from(rows, (row) => events.readRow(row).entity_id).join(' ')
  const fixture = writerFixture({
    observer: {
      begin(block) {
        heard.push(`begin ${idsOf(block, block.allRows())}`)
        return begin()
      },
      end: (block, stored) => heard.push(`end ${idsOf(block, stored)}`),
    },
  })
  fixture.store.before = (call, rows) => {
    if (call === 'insert') heard.push(`insert ${rows.map((row) => row.entity_id).join(' ')}`)
  }
  return { ...fixture, heard }
}

describe('the observer of commits', () => {
  test('is called before the first insert of each block and after its outcome, with the stored events only', async () => {
    const { heard, write, clock } = observed()
    await write(eventOf(1), eventOf(2), eventOf(1))
    await clock.advance(1_000)
    await write(eventOf(2), eventOf(3))
    await clock.advance(1_000)
    expect(heard).toEqual(['begin m1 m2 m1', 'insert m1 m2', 'end m1 m2', 'begin m2 m3', 'insert m3', 'end m3'])
  })

  test('is called once for an insert with an unknown outcome, when it is known: with all stored events, without rejected ones', async () => {
    const { heard, store, write, clock } = observed()
    store.refuses = ({ entity_id }) => entity_id === 'm2'
    let failures = 2
    store.after = () => {
      if (failures-- > 0) throw unavailable()
    }
    await write(eventOf(1), eventOf(2), eventOf(3))
    await clock.advance(60_000)
    expect(heard.filter((line) => !line.startsWith('insert'))).toEqual(['begin m1 m2 m3', 'end m1 m3'])
    expect(store.rows.map(({ entity_id }) => entity_id).toSorted()).toEqual(['m1', 'm3'])
  })

  test('can delay the writer', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { heard, write } = observed(() => promise)
    await write(eventOf(1))
    expect(heard).toEqual(['begin m1'])
    resolve()
    await settled()
    expect(heard).toEqual(['begin m1', 'insert m1', 'end m1'])
  })
})
