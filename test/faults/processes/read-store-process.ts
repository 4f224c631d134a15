/** `bun read-store-process.ts <engine directory>`: what is stored, as JSON. */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { readStored } from '../load/stored.ts'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: 'analytics', readerCount: 1 })
process.stdout.write(JSON.stringify(await readStored((sql) => store.readers[0]!.query(sql))))
process.exit(0)
