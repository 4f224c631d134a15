/** Nobody looks what is stored already. */
import { replaceText } from './replace-text.ts'

replaceText('src/ingest/writer/deduplicator.ts', 'await store.findStored(events, firstRows)', 'new Uint32Array()')
