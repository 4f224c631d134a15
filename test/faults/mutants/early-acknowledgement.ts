/** A delivery is acknowledged when it arrives, not when it is stored. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/ingest/intake.ts',
  'if (pending) return router.accept(delivery, pending, context)',
  'source.acknowledge(delivery.sequence)\n    if (pending) return router.accept(delivery, pending, context)',
)
