import { apiPath } from '../api/api-client.ts'
import { useApp } from '../state/app.ts'
import { datesOf, daysOf, defaultGranularity } from '../state/periods.ts'
import type { ViewState } from '../state/view-state.ts'
import { rangeOf } from '../state/dashboard-queries.ts'
import { GRANULARITIES, type Granularity } from '../../analytics/time/buckets.ts'
import type { LazyPage } from '../views/lazy-view.ts'
import type { ViewProps } from '../views/view.ts'
import type { FunnelAnswer, FunnelPreset } from './funnel-answer.ts'
import { FunnelBreakdown } from './funnel-breakdown.tsx'
import { type FunnelDefinition, formatFunnel, parseFunnel } from './funnel-definition.ts'
import { FunnelEditor } from './funnel-editor.tsx'
import { FunnelResult } from './funnel-result.tsx'
import { FunnelTrend } from './funnel-trend.tsx'

interface FunnelData {
  readonly answer: FunnelAnswer
  readonly presets: readonly FunnelPreset[]
}

export const page: LazyPage<FunnelData> = {
  async load({ api, viewState, now, signal }) {
    const [{ data, meta }, presets] = await Promise.all([
      api.revalidated<FunnelAnswer>(apiPath('funnels', {}), signal, bodyOf(viewState, now)),
      api.revalidated<{ readonly presets: readonly FunnelPreset[] }>(apiPath('funnels/presets', {}), signal),
    ])
    return { data: { answer: data, presets: presets.data.presets }, asOf: Date.parse(meta.asOf) }
  },
  file: ({ viewState, now }) => ({ path: 'funnels', parameters: {}, body: bodyOf(viewState, now) }),
  Content: FunnelsView,
}

function bodyOf(viewState: ViewState, now: number): object {
  const { zone } = viewState
  return {
    ...parseFunnel(viewState.definition),
    ...rangeOf(viewState),
    timezone: zone,
    trend: granularityOf(viewState, now),
  }
}

function granularityOf(viewState: ViewState, now: number): Granularity {
  return viewState.granularity ?? defaultGranularity(daysOf(datesOf(viewState, now)), GRANULARITIES)!
}

function FunnelsView({ data: { answer, presets }, viewState, asOf }: ViewProps<FunnelData>) {
  const { address } = useApp()
  const change = (next: FunnelDefinition) => address.navigate({ definition: formatFunnel(next) })
  const shown = parseFunnel(viewState.definition)
  const { trend, breakdown } = answer
  return (
    <>
      {/* The editor shows the address at once, and the rest what is loaded. */}
      <FunnelEditor funnel={parseFunnel(address.viewState.value.definition)} presets={presets} onChange={change} />
      <FunnelResult funnel={shown} answer={answer} />
      {breakdown && shown.breakdown && breakdown.length > 0 && (
        <FunnelBreakdown funnel={shown} rows={breakdown} steps={answer.steps} />
      )}
      {trend && answer.entered > 0 && (
        <FunnelTrend trend={trend} zone={viewState.zone} granularity={granularityOf(viewState, asOf)} asOf={asOf} />
      )}
    </>
  )
}
