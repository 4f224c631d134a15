/** Nobody keeps a member that was taken for dead from writing on, and it takes the member two seconds to notice by itself. */
import { replaceText } from './replace-text.ts'

replaceText('src/assembly/cluster-worker.ts', 'store.fences?.closeOff(this.#writerOf(member))', 'undefined')
replaceText(
  'src/cluster/membership.ts',
  "if (this.#seen !== undefined && !isMember) return 'removed'",
  "if (this.#seen !== undefined && !isMember) return await sleep(clock, 2_000).then(() => 'removed')",
)
