/** A failed member is not fenced, so it continues to write, and it takes two seconds to detect that it was removed. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/assembly/ingestion/cluster-worker.ts',
  'store.fences?.fenceWriter(this.#writerNameOf(member))',
  'undefined',
)
replaceText(
  'src/cluster/membership.ts',
  "if (this.#stored !== undefined && !isMember) return 'removed'",
  "if (this.#stored !== undefined && !isMember) return await sleep(clock, 2_000).then(() => 'removed')",
)
