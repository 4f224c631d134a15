import type { SourceFile } from './architecture-rules.ts'
import { codeOf } from './source-text.ts'

/**
 * The files that may read the wall clock, each with the date that it needs. The wall clock can be set back or forward at any moment, so every other
 * file measures durations, with the monotonic clock.
 */
const WALL_CLOCK_READERS: Readonly<Record<string, string>> = {
  'src/alerts/evaluation/evaluator.ts': 'which buckets have settled',
  'src/http/alerts/serve-alerts.ts': 'when a rule was saved',
  'src/http/alerts/serve-backtest.ts': 'the time range of a back-test, and when it was read',
  'src/http/alerts/serve-snooze.ts': 'whether a snooze ends in the future',
  'src/base/clock.ts': 'makes both clocks',
  'src/base/unexpected-errors.ts': 'passes both clocks on',
  'src/base/logger.ts': 'the time of a log line',
  'src/http/cache/data-versions.ts': 'slots that are the same in all processes',
  'src/assembly/definitions/alerts.ts': 'whether a snooze has ended',
  'src/assembly/definitions/report-delivery.ts': 'the date of a mail',
  'src/reports/delivery/schedule-runner.ts': 'which instants of a schedule have come',
  'src/delivery/delivery-attempt.ts': 'when an attempt ended, and until when a claim holds, for other processes',
  'src/delivery/delivery-worker.ts': 'whether a delivery is due',
  'src/edge.ts': 'the end of a live stream, given as a date',
  'src/cli/store/key-request.ts': 'when a key was created, revoked or expires',
  'src/clickhouse/write/erased-contacts.ts': 'since when erasures are loaded',
  'src/clickhouse/access/erase-contact.ts': 'up to when events are erased',
  'src/cli/store/audit-request.ts': 'the instant from which requests are listed',
  'src/cli/simulate/simulate-command.ts': 'the end of the simulated history',
  'src/http/dashboards/serve-dashboard.ts': 'the time range of a dashboard, and when it was read',
  'src/http/custom-query/serve-query.ts': 'the time range of a query, and when it was read',
  'src/http/drill-down/serve-events.ts': 'the time range of a search, and when it was read',
  'src/http/drill-down/serve-messages.ts': 'the time range of a search, and when it was read',
  'src/http/cohorts/serve-cohorts.ts': 'the time range of cohorts, and when they were read',
  'src/http/cohorts/serve-cohort-members.ts': 'the time range of cohorts, and when they were read',
  'src/http/custom-query/query-routes.ts': 'when the schema was read',
  'src/http/funnels/serve-funnel.ts': 'the time range of a funnel, and when it was read',
  'src/http/funnels/serve-members.ts': 'the time range of a funnel, and when it was read',
  'src/http/definitions/definition-requests.ts': 'when a definition was read',
  'src/http/reports/serve-reports.ts': 'the time ranges of a report that is checked',
  'src/http/reports/serve-run.ts': 'the time ranges of a report, and when it was read',
  'src/http/reports/serve-schedules.ts': 'when a schedule was saved, and its next runs',
  'src/http/funnels/funnel-routes.ts': 'when the presets were read',
  'src/http/auth/api-key-cache.ts': 'the expiry of a key',
  'src/http/audit/request-audit-trail.ts': 'when a request was made',
  'src/http/auth/development-sign-in.ts': 'the expiry of a token',
  'src/http/live/live-routes.ts': 'the time range of a live stream',
  'src/http/live/live-tickets.ts': 'the expiry of a token or key',
  'src/http/pipeline/request-context.ts': 'when a request was made',
  'src/ingest/event-router.ts': 'whether an event lies in the future or is too old',
  'src/ingest/ingestion.ts': 'how long ago the broker stored a message',
  'src/ingest/actors/tenant-actor.ts': 'whether an event lies in the future or is too old',
  'src/ingest/writer/writer.ts': 'how long ago the broker stored an event',
  'src/nats/definitions/definitions.ts': 'when a definition was created and changed',
  'src/live/live-client.ts': 'the expiry of a token or key',
  'src/live/live-topic.ts': 'the time range of a live stream, and when it was read',
  'src/cli/simulate/live-events.ts': 'the timestamp of a simulated event',
  'src/web/state/view-loader.ts': 'the time range of the page',
  'src/web/controls/filter-bar.tsx': 'which day is today',
  'src/web/controls/zone-picker.tsx': 'the current offset of a zone',
  'src/web/layout/download-buttons.tsx': 'the time range of a file',
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
