/** Nobody looks what is stored already. */
import { replaceText } from './replace-text.ts'

replaceText('src/ingest/writer/deduplicator.ts', 'await store.findStoredIds(rows)', 'new Set<string>()')
