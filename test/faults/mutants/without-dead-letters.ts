/** A rejected message is settled without being put away. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/ingest/sinks/dead-letter-queue.ts',
  'await sink.put({ delivery, reason, message })',
  'void [sink, message]',
)
