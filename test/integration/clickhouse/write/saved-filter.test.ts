import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { EventWriter } from '../../../../src/clickhouse/connection/store-connection.ts'
import { ByteWriter } from '../../../../src/clickhouse/write/byte-writer.ts'
import { loadFilter, saveFilter } from '../../../../src/clickhouse/filter/stored-id-file.ts'
import { StoredIdFilter } from '../../../../src/clickhouse/filter/stored-id-filter.ts'
import { FIND_IDS, STORED_IDS } from '../../../../src/clickhouse/write/stored-id-queries.ts'
import { StoredIdIndex } from '../../../../src/clickhouse/write/stored-id-index.ts'
import { listParts } from '../../../../src/clickhouse/filter/stored-id-reading.ts'
import { migrated, openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'
import { MemoryFile } from '../../../support/store/memory-file.ts'
import { NOW } from '../../../support/ingest/event-samples.ts'

const STARTING_MS = 30_000
const MAX_BYTES = 8 * 1_048_576
/** More than the number of missing rows for which a file is written when the process stops. */
const ROWS = 60_000

describe('a start with a saved filter', () => {
  let opened: TestStore
  let file: MemoryFile
  /** The names of the statements that read ids. */
  let reads: string[]
  /** The number of ids that each lookup asked the store for. */
  let asked: number[]
  let ids: Uint8Array

  beforeAll(async () => {
    opened = await openEmbeddedStore('saved_filter_test')
    await migrated(opened)
  }, STARTING_MS)
  afterAll(() => opened.close(), STARTING_MS)

  const command = (sql: string) =>
    opened.store.maintenance.command(sql.replaceAll('EVENTS', '{database:Identifier}.analytics_events'), {
      database: opened.database,
    })
  /** Rows number `from` to `to`, in one part. */
  const insert = (from: number, to: number) =>
    command(
      `INSERT INTO EVENTS (id, tenant_id, event_type, occurred_at)
       SELECT reinterpretAsUUID(sipHash128(number)), 't', 'message_sent', fromUnixTimestamp64Milli(${NOW} + toInt64(number)) FROM numbers(${from}, ${to - from})`,
    )
  const idsFrom = async (from: number, to: number) => {
    const rows = await opened.store.writer.query<{ id: string }>(
      `SELECT toString(reinterpretAsUUID(sipHash128(number))) AS id FROM numbers(${from}, ${to - from})`,
    )
    const writer = new ByteWriter()
    for (const { id } of rows) writer.uuid(id)
    return writer.bytes.slice()
  }
  const indexWithFile = () => {
    const writer = opened.store.openWriter()
    const connection: EventWriter = {
      ...writer,
      derivedFile: () => file,
      query(sql, parameters) {
        if (sql === FIND_IDS) asked.push(Number(parameters!['count']))
        return writer.query(sql, parameters)
      },
      readFixedWidth(sql, ...rest) {
        reads.push(sql.includes('_part') ? 'parts' : 'range')
        return writer.readFixedWidth(sql, ...rest)
      },
    }
    return new StoredIdIndex(connection, { filter: new StoredIdFilter(MAX_BYTES) })
  }
  /** What a process does at its start, and which of the ids it finds. */
  const start = async () => {
    const index = indexWithFile()
    reads = []
    await index.build()
    expect(index.isComplete).toBe(true)
    return { index, found: (await index.find(ids)).length }
  }

  beforeEach(async () => {
    await command('TRUNCATE TABLE EVENTS')
    await insert(0, ROWS)
    file = new MemoryFile()
    reads = []
    asked = []
    ids = await idsFrom(ROWS - 100, ROWS + 200)
    const first = indexWithFile()
    await first.build()
    await first.close()
    expect(file.bytes!.length).toBeGreaterThan(ROWS)
  })

  test('reads no ids when nothing was stored since', async () => {
    expect((await start()).found).toBe(100)
    expect(reads).toEqual([])
  })

  test('a lookup waits for the file, and then asks the store for stored ids only', async () => {
    const index = indexWithFile()
    const building = index.build()
    await Bun.sleep(0)
    expect(index.isComplete).toBe(false)
    expect((await index.find(ids)).length).toBe(100)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toBeLessThan(110)
    await building
  })

  test('reads the ids of the parts that were stored since, as after a kill', async () => {
    await insert(ROWS, ROWS + 100)
    expect((await start()).found).toBe(200)
    expect(reads).toEqual(['parts'])
  })

  test('reads the ids of merged and mutated parts', async () => {
    await insert(ROWS, ROWS + 100)
    await command('OPTIMIZE TABLE EVENTS FINAL')
    await insert(ROWS + 100, ROWS + 150)
    // The merged part has more rows than those that are in the file: it is built again.
    expect((await start()).found).toBe(250)
    expect(reads).toEqual(['range'])
  })

  test('finds everything when parts are merged while they are read', async () => {
    for (let part = 0; part < 5; part++) await insert(ROWS + part * 20, ROWS + (part + 1) * 20)
    const index = indexWithFile()
    const building = index.build()
    await command(`OPTIMIZE TABLE EVENTS FINAL`)
    await building
    expect(index.isComplete).toBe(true)
    expect((await index.find(ids)).length).toBe(200)
  })

  test('finds what is stored after the table was emptied and filled again: numbers of inserts may repeat', async () => {
    await command('TRUNCATE TABLE EVENTS')
    expect((await start()).found).toBe(0)
    await insert(ROWS - 50, ROWS + 200)
    expect((await start()).found).toBe(250)
  })

  test('finds what is stored after an older state of the store was restored', async () => {
    const parts = await listParts({ connection: opened.store.openWriter(), source: STORED_IDS })
    for (const { name } of parts) await command(`ALTER TABLE EVENTS DETACH PART '${name}'`)
    await insert(ROWS, ROWS + 100)
    expect((await start()).found).toBe(100)
    for (const { name } of parts) await command(`ALTER TABLE EVENTS ATTACH PART '${name}'`)
    expect((await start()).found).toBe(200)
  })

  test('builds the filter again when the file is damaged', async () => {
    await insert(ROWS, ROWS + 100)
    file.bytes![file.bytes!.length - 9]! ^= 4
    expect((await start()).found).toBe(200)
    expect(reads).toEqual(['range'])
  })

  test('finds ids that are added while the file is read', async () => {
    const index = indexWithFile()
    const building = index.build()
    const added = ids.subarray(150 * 16, 250 * 16)
    index.add(added)
    await insert(ROWS + 50, ROWS + 150)
    index.settle([added])
    await building
    expect((await index.find(ids)).length).toBe(200)
  })

  test('control: with a file that names a part whose ids it lacks, stored ids are taken for new', async () => {
    await insert(ROWS, ROWS + 100)
    const saved = await loadFilter(file, new StoredIdFilter(MAX_BYTES), () => false)
    const parts = await listParts({ connection: opened.store.openWriter(), source: STORED_IDS })
    await saveFilter(file, { filter: saved!.filter, parts: new Set(parts.map(({ hash }) => hash)) }, () => false)
    const { found } = await start()
    expect(found).toBeGreaterThanOrEqual(100)
    expect(found).toBeLessThan(110)
  })
})
