import type { SourceFile } from './architecture-rules.ts'
import { codeOf } from './source-text.ts'

/**
 * The files that may read the wall clock, each with the date that it needs. The wall clock can be set back or forward at any moment, so everything else that asks for the time
 * wants to know how long something takes and has to use the monotonic clock.
 */
const WALL_CLOCK_READERS: Readonly<Record<string, string>> = {
  'src/clock.ts': 'makes both clocks',
  'src/unexpected-errors.ts': 'passes both clocks on',
  'src/logger.ts': 'the time of a log line',
  'src/data-versions.ts': 'slots that are the same in all processes',
  'src/edge.ts': 'the end of a live stream, given as a date',
  'src/key-commands.ts': 'when a key was made, revoked or expires',
  'src/clickhouse/erasures.ts': 'up to when events are erased',
  'src/cli/audit.ts': 'since when requests are listed',
  'src/cli/simulate.ts': 'the end of the history that is made up',
  'src/http/answer.ts': 'the time range of a dashboard, and when it was read',
  'src/http/api-key-ring.ts': 'the expiry of a key',
  'src/http/audit-trail.ts': 'when a request was made',
  'src/http/development-session.ts': 'the expiry of a token',
  'src/http/live.ts': 'the time range of a live stream',
  'src/http/live-tickets.ts': 'the expiry of a token or key',
  'src/http/request-context.ts': 'when a request was made',
  'src/http/unchanged-requests.ts': 'the expiry of a token or key',
  'src/ingest/ingestion.ts': 'how long ago the broker stored a message',
  'src/ingest/supervisor.ts': 'whether an event lies in the future or is too old',
  'src/ingest/writer.ts': 'how long ago the broker stored an event',
  'src/live/live-client.ts': 'the expiry of a token or key',
  'src/live/live-topic.ts': 'the time range of a live stream, and when it was read',
  'src/simulate/live.ts': 'the timestamp of a simulated event',
  'src/web/page.ts': 'the time range of the page',
}

const WALL_CLOCK = /\b\w*[cC]lock\.now\b|\bDate\.now\b|\bnew Date\(\)/

/** One sentence per file that reads the wall clock and is not on the list, or is on the list and does not read it. */
export function checkWallClock(file: SourceFile): string[] {
  if (!file.path.startsWith('src/')) return []
  const isReader = WALL_CLOCK.test(codeOf(file.text))
  const isListed = Object.hasOwn(WALL_CLOCK_READERS, file.path)
  if (isReader && !isListed)
    return [
      `${file.path} reads the wall clock, which can be set back: measure durations with clock.monotonic(), or name the date that is needed in test/support/repository/clock-rules.ts.`,
    ]
  if (isListed && !isReader)
    return [
      `${file.path} does not read the wall clock any more: take it off the list in test/support/repository/clock-rules.ts.`,
    ]
  return []
}
