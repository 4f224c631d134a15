import { describe, expect, test } from 'bun:test'
import { createFileWorker } from '../../../../src/host/file-worker.ts'
import { type ExportTask, writeExport } from '../../../../src/http/export/export-task.ts'
import { byteLengthOf, encodeUtf8, concatenated } from '../../../../src/http/sending/chunks.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'
import { readWorkbook, unzip } from '../../../support/http/xlsx.ts'

const ROWS = 20_000
const COLUMNS = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed']

function task(changed: Partial<ExportTask> = {}): ExportTask {
  const items = Array.from({ length: ROWS }, (_, index) =>
    Object.fromEntries(COLUMNS.map((name, column) => [name, index * column])),
  )
  const columns = COLUMNS.map((key) => ({ key, heading: key, kind: 'number' as const }))
  return {
    format: 'xlsx',
    json: [encodeUtf8(JSON.stringify({ timeSeries: items }))],
    shapes: [{ name: 'timeSeries', columns, rowLayout: 'list' }],
    about: { name: 'about', columns: [{ key: 'dashboard', heading: 'Dashboard', kind: 'text' }], rows: [['messages']] },
    csv: { delimiter: 'comma', decimal: 'point' },
    timezone: 'UTC',
    readAt: 0,
    ...changed,
  }
}

describe('the worker that writes files', () => {
  test.each(['csv', 'xlsx'] as const)(
    'gives the same %s file as this thread',
    async (format) => {
      const write = createFileWorker(new ManualClock(0))
      const written = concatenated(await write(task({ format })))
      const expected = concatenated(await writeExport(task({ format })))
      // Compressed bytes depend on the pauses of the writer, so the contents are compared.
      const contentsOf = format === 'xlsx' ? unzip : (file: Uint8Array) => new TextDecoder().decode(file)
      expect(contentsOf(written)).toEqual(contentsOf(expected))
    },
    30_000,
  )

  /** The number of timer events while the file was written. */
  const turnsDuring = async (make: () => Promise<unknown>) => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await make()
    clearInterval(timer)
    return turns
  }

  test('leaves the event loop to everybody else, and so does writing on this thread, in slices', async () => {
    const write = createFileWorker(new ManualClock(0))
    const asked = task()
    await write(asked)
    expect(await turnsDuring(() => write(asked))).toBeGreaterThan(10)
    expect(await turnsDuring(() => writeExport(asked))).toBeGreaterThan(5)
    // Control: work that never yields.
    const hold = () => {
      const end = performance.now() + 100
      while (performance.now() < end);
      return Promise.resolve()
    }
    expect(await turnsDuring(hold)).toBe(0)
  }, 30_000)

  test('fails what cannot be written, and writes the next one', async () => {
    const write = createFileWorker(new ManualClock(0))
    expect(await write(task({ json: [encodeUtf8('{')] })).catch(String)).toContain('Error')
    const bytes = concatenated(await write(task({ json: [encodeUtf8('{"timeSeries":[]}')] })))
    expect(readWorkbook(bytes).map(({ name }) => name)).toEqual(['timeSeries', 'about'])
  }, 30_000)

  test('aborts a file that takes too long, and starts another worker', async () => {
    const clock = new ManualClock(0)
    const write = createFileWorker(clock)
    const stuck = write(task()).catch(String)
    await clock.advance(60_000)
    expect(await stuck).toContain('too long')
    expect(byteLengthOf(await write(task()))).toBeGreaterThan(100_000)
    await clock.advance(60_000)
    await settled()
    expect(clock.timerCount).toBe(0)
    expect(byteLengthOf(await write(task({ format: 'csv' })))).toBeGreaterThan(100_000)
  }, 30_000)
})
