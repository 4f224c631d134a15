/** The facts of messages get neither the events that are delivered again, nor those that a killed process has left out. */
import { replaceText } from './replace-text.ts'

replaceText(
  'src/ingest/writer/block-commit.ts',
  'without(missing, refused), repeated)',
  'without(missing, refused), [])',
)
replaceText('src/clickhouse/facts/versions/facts-keeper.ts', 'if (toRepair.size === 0) return', 'return')
