import { apiPath } from '../api/api-client.ts'
import { readStored, type Stored } from '../definitions/stored-definitions.ts'
import { type QuerySchema, readQuerySchema } from '../explorer/query-schema.ts'
import type { LazyPage } from '../views/lazy/lazy-view.ts'
import type { LoadedData, LoadRequest, ViewProps } from '../views/view.ts'
import { ReportBuilder } from './builder/report-builder.tsx'
import type {
  DeliveryList,
  Report,
  ReportList,
  ReportRun,
  ReportSummary,
  ReportVersion,
  ReportVersions,
  Schedule,
  ScheduleList,
} from './report-data.ts'
import { ReportList as ReportListCard } from './report-list.tsx'
import { isReportShown, NEW, parsePlace } from './report-place.ts'
import { ReportView } from './report-view.tsx'
import { loadedRecently } from './recent-loads.ts'
import { SchedulesView } from './schedules/schedules-view.tsx'
import { reportTexts } from './texts/report-texts.ts'
import { VersionsView } from './versions/versions-view.tsx'
import { WallView } from './wall-view.tsx'

/** What is loaded depends on the place in the view. */
interface ReportsData {
  readonly reports?: readonly ReportSummary[]
  readonly schedules?: readonly Schedule[]
  /** Undefined for a new report. */
  readonly stored?: Stored<Report> | undefined
  readonly schema?: QuerySchema
  readonly run?: ReportRun
  readonly versions?: readonly ReportVersion[]
  /** The opened schedule with its version. */
  readonly schedule?: Stored<Schedule> | undefined
  readonly log?: DeliveryList | undefined
}

/** A run costs as much as all requests of the report. */
const RUN_MS = 15_000
const LIST_MS = 3_000
/** The builder keeps the version that it began with, and versions stay as they are. */
const BUILDER_MS = 60_000

export const page: LazyPage<ReportsData> = {
  load(request) {
    const { id, definition } = request.viewState
    if (id === undefined) return loadedRecently(request, LIST_MS, () => loadList(request))
    const place = parsePlace(definition)
    if (place.page === 'schedules')
      return loadedRecently(request, LIST_MS, () => loadSchedules(request, id, place.schedule))
    if (place.page === 'edit') return loadedRecently(request, BUILDER_MS, () => loadBuilder(request, id))
    if (place.page === 'versions') return loadedRecently(request, BUILDER_MS, () => loadVersions(request, id))
    return loadedRecently(request, RUN_MS, () => loadReport(request, id))
  },
  file: ({ viewState }) => ({ path: `reports/${encodeURIComponent(viewState.id ?? '')}/run`, parameters: {} }),
  entityName: ({ stored }) => stored?.data.name ?? reportTexts().newReport,
  Content: ReportsView,
}

async function loadList({ api, signal }: LoadRequest): Promise<LoadedData<ReportsData>> {
  const [reports, schedules] = await Promise.all([
    api.revalidated<ReportList>(apiPath('reports', {}), signal),
    api.revalidated<ScheduleList>(apiPath('schedules', {}), signal),
  ])
  return { data: { ...reports.data, ...schedules.data }, asOf: Date.parse(reports.meta.asOf) }
}

async function loadReport({ api, signal }: LoadRequest, id: string): Promise<LoadedData<ReportsData>> {
  const path = `reports/${encodeURIComponent(id)}`
  const [schema, stored, { data: run, meta }] = await Promise.all([
    readQuerySchema(api),
    readStored<Report>(api, path, signal),
    api.revalidated<ReportRun>(apiPath(`${path}/run`, {}), signal),
  ])
  return { data: { schema, stored, run }, asOf: Date.parse(meta.asOf) }
}

async function loadBuilder({ api, signal, now }: LoadRequest, id: string): Promise<LoadedData<ReportsData>> {
  const schema = await readQuerySchema(api)
  if (id === NEW) return { data: { schema }, asOf: now }
  const stored = await readStored<Report>(api, `reports/${encodeURIComponent(id)}`, signal)
  return { data: { schema, stored }, asOf: stored.asOf }
}

async function loadVersions({ api, signal }: LoadRequest, id: string): Promise<LoadedData<ReportsData>> {
  const path = `reports/${encodeURIComponent(id)}`
  // A version that is stored between the two requests is refused as a conflict when another one is restored.
  const stored = await readStored<Report>(api, path, signal)
  const [schema, { data }] = await Promise.all([
    readQuerySchema(api),
    api.revalidated<ReportVersions>(apiPath(`${path}/versions`, {}), signal),
  ])
  return { data: { schema, stored, versions: data.versions }, asOf: stored.asOf }
}

async function loadSchedules(
  { api, signal }: LoadRequest,
  id: string,
  opened: string | undefined,
): Promise<LoadedData<ReportsData>> {
  const isStored = opened !== undefined && opened !== NEW
  const path = `schedules/${encodeURIComponent(opened ?? '')}`
  const [stored, { data }, schedule, log] = await Promise.all([
    readStored<Report>(api, `reports/${encodeURIComponent(id)}`, signal),
    api.revalidated<ScheduleList>(apiPath('schedules', {}), signal),
    isStored ? readStored<Schedule>(api, path, signal) : undefined,
    isStored ? api.revalidated<DeliveryList>(apiPath(`${path}/deliveries`, {}), signal) : undefined,
  ])
  const schedules = data.schedules.filter(({ reportId }) => reportId === id)
  return { data: { stored, schedules, schedule, log: log?.data }, asOf: stored.asOf }
}

function ReportsView({ data, viewState, asOf }: ViewProps<ReportsData>) {
  const { stored, schema, run, versions, schedules, schedule, log, reports } = data
  const place = parsePlace(viewState.definition)
  if (reports && schedules) return <ReportListCard {...{ reports, schedules, zone: viewState.zone }} />
  if (place.page === 'edit' && schema)
    return <ReportBuilder key={viewState.id} {...{ stored, schema, asOf }} add={place.add} zone={viewState.zone} />
  if (place.page === 'versions' && stored && schema && versions)
    return <VersionsView opened={place.version} {...{ stored, schema, versions, asOf }} zone={viewState.zone} />
  if (place.page === 'schedules' && stored && schedules)
    return <SchedulesView report={stored.data} opened={place.schedule} {...{ schedules, schedule, log, asOf }} />
  if (!stored || !schema || !run) return null
  return isReportShown(viewState) ? (
    <ReportView {...{ stored, schema, run, asOf }} />
  ) : (
    <WallView report={stored.data} {...{ schema, run, asOf }} />
  )
}
