import { GRANULARITIES, type Granularity } from '../../analytics/time/buckets.ts'
import { apiPath } from '../api/api-client.ts'
import type { BlockRequest } from '../../reports/report.ts'
import { bothOf } from '../analysis/conditions.ts'
import { filterTreeOf } from '../filters/filter.ts'
import { AddToReport } from '../reports/add-to-report.tsx'
import { useApp } from '../state/app.ts'
import { rangeOf } from '../state/dashboard-queries.ts'
import { datesOf, daysOf, defaultGranularity } from '../state/periods.ts'
import type { ViewState } from '../state/view-state.ts'
import type { LazyPage } from '../views/lazy/lazy-view.ts'
import type { LoadRequest, ViewProps } from '../views/view.ts'
import type { FunnelAnswer, FunnelPreset } from './funnel-answer.ts'
import { FunnelBreakdown } from './funnel-breakdown.tsx'
import { FIRST_FUNNEL, type FunnelDefinition, formatFunnel, parseFunnel } from './funnel-definition.ts'
import { FunnelEditor } from './funnel-editor.tsx'
import { funnelOfReference, parsePresetReference, readPresets } from './funnel-presets.ts'
import { stepName } from './funnel-names.ts'
import { FunnelResult } from './funnel-result.tsx'
import { FunnelTrend } from './funnel-trend.tsx'

interface FunnelData {
  readonly answer: FunnelAnswer
  readonly presets: readonly FunnelPreset[]
}

export const page: LazyPage<FunnelData> = {
  async load({ api, viewState, now, signal }) {
    const reference = parsePresetReference(viewState.definition)
    const presets = readPresets(api, reference, signal)
    const funnel = reference ? shownFunnel(viewState, await presets) : parseFunnel(viewState.definition)
    const [{ data, meta }, choices] = await Promise.all([
      api.revalidated<FunnelAnswer>(apiPath('funnels', {}), signal, bodyOf(funnel, viewState, now)),
      presets,
    ])
    return { data: { answer: data, presets: choices }, asOf: Date.parse(meta.asOf) }
  },
  async file({ api, viewState, now }) {
    const reference = parsePresetReference(viewState.definition)
    const presets = reference ? await readPresets(api, reference, new AbortController().signal) : []
    return { path: 'funnels', parameters: {}, body: bodyOf(shownFunnel(viewState, presets), viewState, now) }
  },
  Content: FunnelsView,
}

/** The funnel of an address, where a link of another view may have left a preset. */
function shownFunnel({ definition }: ViewState, presets: readonly FunnelPreset[]): FunnelDefinition {
  const reference = parsePresetReference(definition)
  if (reference) return funnelOfReference(reference, presets) ?? FIRST_FUNNEL
  return parseFunnel(definition)
}

/** The request of a funnel. The filters of the page narrow every step. */
function bodyOf(funnel: FunnelDefinition, viewState: ViewState, now: LoadRequest['now']) {
  const shared = filterTreeOf(viewState.filters)
  const steps = funnel.steps.map((step) => {
    const filter = bothOf(step.filter, shared)
    return { ...step, ...(filter && { filter }) }
  })
  return { ...funnel, steps, ...rangeOf(viewState), timezone: viewState.zone, trend: granularityOf(viewState, now) }
}

function granularityOf(viewState: ViewState, now: number): Granularity {
  return viewState.granularity ?? defaultGranularity(daysOf(datesOf(viewState, now)), GRANULARITIES)!
}

function FunnelsView({ data: { answer, presets }, viewState, asOf }: ViewProps<FunnelData>) {
  const { address } = useApp()
  const change = (next: FunnelDefinition) => address.navigate({ definition: formatFunnel(next) })
  const shown = shownFunnel(viewState, presets)
  const { trend, breakdown, steps } = answer
  return (
    <>
      {/* The editor shows the address at once, and the rest what is loaded. */}
      <FunnelEditor funnel={shownFunnel(address.viewState.value, presets)} presets={presets} onChange={change} />
      <AddToReport block={blockOf(shown, bodyOf(shown, viewState, asOf))} />
      <FunnelResult funnel={shown} answer={answer} />
      {breakdown && shown.breakdown && breakdown.length > 0 && (
        <FunnelBreakdown funnel={shown} rows={breakdown} steps={steps} />
      )}
      {trend && answer.entered > 0 && (
        <FunnelTrend
          trend={trend}
          steps={steps}
          zone={viewState.zone}
          granularity={granularityOf(viewState, asOf)}
          asOf={asOf}
        />
      )}
    </>
  )
}

/** The funnel as a block of a report, named by its first and its last step. */
function blockOf({ steps }: FunnelDefinition, request: ReturnType<typeof bodyOf>): BlockRequest {
  const { timezone: _, ...body } = request
  return { title: `${stepName(steps[0]!)} → ${stepName(steps.at(-1)!)}`, kind: 'funnel', body, chart: 'funnel' }
}
