/** The facts of messages do not get the events that are delivered again. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/ingest/writer/block-commit.ts',
  'without(missing, refused), storedRows)',
  'without(missing, refused), [])',
)
