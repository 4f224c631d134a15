import { apiPath } from '../api/api-client.ts'
import type { ViewState } from '../state/view-state.ts'
import type { LoadRequest } from '../views/view.ts'
import type { ReportRun } from './report-data.ts'

/** A run costs as much as all requests of the report: events that arrive do not repeat it more often. */
const REFRESH_MS = 15_000

interface KnownRun {
  readonly run: ReportRun
  readonly asOf: number
}

const known = new WeakMap<ViewState, KnownRun>()

/** Runs the report of a path. Each state of the page reads it again after some seconds at the earliest. */
export async function readRun({ api, viewState, now, signal }: LoadRequest, path: string): Promise<KnownRun> {
  const last = known.get(viewState)
  if (last && now - last.asOf < REFRESH_MS) return last
  const { data, meta } = await api.revalidated<ReportRun>(apiPath(`${path}/run`, {}), signal)
  const read = { run: data, asOf: Date.parse(meta.asOf) }
  known.set(viewState, read)
  return read
}
