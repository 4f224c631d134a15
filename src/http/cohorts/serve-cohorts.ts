/** Answers cohorts. */
import { dimensionsOfFilter } from '../../analytics/filter/filter-tree.ts'
import { type CohortQuery, type CohortRequest, resolveCohorts } from '../../analytics/cohorts/cohort-request.ts'
import { cohortData } from '../../analytics/cohorts/cohort-response.ts'
import type { CohortSource } from '../../analytics/cohorts/cohort-source.ts'
import { runCohorts } from '../../analytics/cohorts/run-cohorts.ts'
import { needsClasses } from '../../analytics/cohorts/step-events.ts'
import { factsAsOf, type FactsSource, requireFacts } from '../../analytics/engagement/facts-as-of.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requestedFormat, sendVersioned, type VersionedContext } from '../cache/versioned-response.ts'
import { type DashboardServices, ENGAGEMENT_LIFETIME_MS } from '../dashboards/serve-dashboard.ts'
import type { ExportParameters } from '../export/export-parameters.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { jsonChunks } from '../sending/chunks.ts'
import { cohortFile, cohortFileData } from './cohort-file.ts'

const NAME = 'cohorts'

/** Retention reads the events of every contact: a tenant runs one such query at a time, and one that reads classes spends more of its rate. */
const RETENTION_COST = 5
const CLASSES_COST = 10

/** Its body has been checked by the schema. */
interface RouteContext extends VersionedContext {
  readonly body: CohortRequest
  readonly query: ExportParameters
}

/** Answers a table of cohorts, from the cache while the tenant's data has not changed. */
export async function serveCohorts(routed: RouteContext, services: DashboardServices): Promise<Response> {
  const { port, versions, clock, facts } = services
  const { body, query: parameters } = routed
  const context = authenticatedContextOf(routed.request)
  const { tenantId } = context.principal
  const format = requestedFormat(routed, context, parameters, ROUTES.cohorts)
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const query = resolveCohorts(body, zone.startOfDay(zone.localDate(now)))
  context.auditedBody = auditedCohorts(query)
  const { range, kind, cohort } = query
  const isOfRules = dependsOnRules(query)
  await versions.load(tenantId)
  const { rulesNumber, rulesVersion } = facts.active
  // Buckets end at whole quarters of an hour, and events of the future begin to count then.
  const version = [
    versions.of(tenantId),
    ...(isOfRules ? [`r${rulesNumber}`] : []),
    Math.floor(now / ENGAGEMENT_LIFETIME_MS),
  ].join('.')
  const identity = { ...query, isFile: format !== 'json', zone: zone.name, buckets: undefined, edges: undefined }
  return sendVersioned(routed, context, services, {
    name: NAME,
    version,
    queryKey: `${NAME}?${await digestOf(identity)}`,
    cost: costOfCohorts(query),
    timezone: zone.name,
    rulesVersion: isOfRules ? rulesVersion : undefined,
    now,
    logged: {
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
      ...{ kind, cohort },
    },
    async read(signal) {
      const source = cohortSource(abortable(port, signal), facts, now)
      const data = cohortData(query, await runCohorts(source, tenantId, query, now), now)
      return jsonChunks(format === 'json' ? data : cohortFileData(data), new TimeSlices())
    },
    ...(format !== 'json' && { file: cohortFile(query, format, parameters) }),
  })
}

/** What cohorts are read from, as of an instant. */
export function cohortSource(port: QueryPort, facts: FactsSource, asOf: number): CohortSource {
  return {
    port,
    histories: facts.histories,
    rules: facts.active.rulesNumber,
    facts: () => requireFacts({ facts: factsAsOf(facts, asOf) }),
  }
}

/** Known before any SQL. */
export function costOfCohorts(query: CohortQuery): number {
  if (query.kind === 'engagement') return 1
  return needsClasses(query) ? CLASSES_COST : RETENTION_COST
}

/** Whether the rules of classes decide. */
function dependsOnRules(query: CohortQuery): boolean {
  return query.kind === 'engagement' || needsClasses(query)
}

/** The names in a request: its values may be personal data. */
export function auditedCohorts(query: CohortQuery): string {
  const { kind, cohort, periods } = query
  const filters = query.kind === 'engagement' ? [query.filter] : [query.start.filter, query.return.filter]
  const parts = {
    kind,
    ...(query.kind === 'engagement'
      ? { event: query.event, human: query.isHuman, period: query.period }
      : { start: query.start.event, return: query.return.event, counting: query.counting, mode: query.mode }),
    cohort,
    periods,
    filter: [...new Set(filters.flatMap((filter) => [...dimensionsOfFilter(filter)]))].join(),
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}
