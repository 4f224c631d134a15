/** `bun read-store-process.ts <engine directory>`: the sums of what is stored, as JSON. */
import { connectEmbeddedStore } from '../../src/clickhouse/connection/embedded-store.ts'
import { DISTINCT_IDS, type StoredSums, SUMS } from './load/truth.ts'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: 'analytics', readerCount: 1 })
const sums = await store.readers[0]!.query<StoredSums>(SUMS)
const [row] = await store.readers[0]!.query<{ ids: number }>(DISTINCT_IDS)
process.stdout.write(JSON.stringify({ sums, ids: row!.ids }))
process.exit(0)
