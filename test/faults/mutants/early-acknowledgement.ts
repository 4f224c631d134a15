/** A delivery is acknowledged when it arrives, not when it is stored. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/ingest/intake.ts',
  'if (ticket) return this.#options.onTaken(delivery, ticket)',
  'this.#options.source.acknowledge(delivery.sequence)\n    if (ticket) return this.#options.onTaken(delivery, ticket)',
)
