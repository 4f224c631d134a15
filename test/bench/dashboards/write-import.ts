/** `bun write-import.ts <file> <events> <tenants>`: writes events of the simulator over 90 days as a file for `npm run import`, and prints its bytes. */
import { DataSet } from '../../../src/cli/simulate/data-set.ts'
import { historyEvents } from '../../../src/cli/simulate/history-events.ts'

const SEED = 11
const SPAN_MS = 90 * 86_400_000

const [file = '', events = '', tenants = ''] = process.argv.slice(2)
const writer = Bun.file(file).writer({ highWaterMark: 1 << 20 })
const dataSet = new DataSet(SEED, Number(tenants))
let bytes = 0
for (const { subject, envelope } of historyEvents({
  dataSet,
  seed: SEED,
  endMs: Date.now(),
  spanMs: SPAN_MS,
  eventCount: Number(events),
}))
  bytes += await writer.write(`${JSON.stringify({ subject, ...envelope })}\n`)
await writer.end()
process.stdout.write(JSON.stringify({ bytes }))
