import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc } from '../../../support/base/properties.ts'
import { columnsOf } from '../../../../src/clickhouse/write/column-formats.ts'
import { encodeBlock } from '../../../../src/clickhouse/write/native-block.ts'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

interface Sample {
  readonly id: string
  readonly text: string
  readonly label: string
  readonly maybe: string | null
  readonly count: number
  readonly step: number | null
  readonly at: number
}

const COLUMNS = columnsOf([
  { name: 'id', type: 'UUID' },
  { name: 'text', type: 'String' },
  { name: 'label', type: 'LowCardinality(String)' },
  { name: 'maybe', type: 'Nullable(String)' },
  { name: 'count', type: 'UInt32' },
  { name: 'step', type: 'Nullable(UInt32)' },
  { name: 'at', type: 'DateTime64(3)' },
])

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', minLength: 40, maxLength: 400 }))
const uint32 = fc.integer({ min: 0, max: 4_294_967_295 })
const sample: fc.Arbitrary<Sample> = fc.record({
  id: fc.uuid(),
  text,
  label: fc.oneof(fc.constantFrom('', 'email', 'sms'), text),
  maybe: fc.option(text),
  count: uint32,
  step: fc.option(uint32),
  at: fc.integer({ min: -2_208_988_800_000, max: 10_413_791_999_999 }),
})

describe('a block in the Native format', () => {
  const directory = mkdtempSync(join(tmpdir(), 'outreach-native-'))
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('native_block')
    await opened.store.admin.command('CREATE DATABASE native_block')
    await opened.store.writer.command(
      'CREATE TABLE samples (id UUID, text String, label LowCardinality(String), maybe Nullable(String), ' +
        'count UInt32, step Nullable(UInt32), at DateTime64(3)) ENGINE = Memory',
    )
  })
  afterAll(async () => {
    await opened.close()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Stores the block and returns the engine's own block of the stored rows. */
  async function writtenByEngine(block: Uint8Array, name: string): Promise<Uint8Array> {
    const writer = opened.store.openWriter()
    const file = join(directory, `${name}.native`)
    await writer.command('TRUNCATE TABLE samples')
    await writer.insert({ table: 'samples', columns: COLUMNS }, block)
    await writer.command(`SELECT * FROM samples INTO OUTFILE '${file}' TRUNCATE FORMAT Native`)
    return new Uint8Array(readFileSync(file))
  }

  test('equals the block that the engine writes for the same rows', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 1, maxLength: 40 }), async (rows) => {
        const block = encodeBlock(COLUMNS, rows).slice()
        expect(await writtenByEngine(block, `property-${run++}`)).toEqual(block)
      }),
      { numRuns: 60 },
    )
  })

  test('equals it also with more distinct texts than one and two bytes can index, and with long texts', async () => {
    for (const count of [300, 70_000]) {
      const rows = Array.from({ length: count }, (_, index) => ({
        id: '6f1b3c52-6a0e-5d0f-9c55-0f2e3a7d4b10',
        text: index === 0 ? 'ü'.repeat(100_000) : 'x'.repeat(index % 300),
        label: `label-${index}`,
        maybe: index % 3 === 0 ? null : '',
        count: count - index,
        step: index,
        at: 1_767_225_600_000 + index,
      }))
      const block = encodeBlock(COLUMNS, rows).slice()
      expect(Buffer.compare(Buffer.from(await writtenByEngine(block, `many-${count}`)), Buffer.from(block))).toBe(0)
    }
  })
})
