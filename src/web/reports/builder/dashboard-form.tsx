import { useSignal } from '@preact/signals'
import { TIME_RANGE_PRESETS } from '../../../analytics/time/time-range.ts'
import type { Chart } from '../../../reports/report-parts.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import { SelectField } from '../../controls/select-field.tsx'
import { messages } from '../../messages/messages.ts'
import { chartsOfDashboard, dashboardBody, DASHBOARDS } from '../blocks/block-charts.ts'
import { reportTexts } from '../texts/report-texts.ts'

/** The choice of a part of a dashboard as a new block. */
export function DashboardForm({ onAdd }: { readonly onAdd: (block: BlockRequest) => void }) {
  const { builder: texts, charts } = reportTexts()
  const { views, dateRange } = messages()
  const dashboard = useSignal(DASHBOARDS[0])
  /** Undefined for the most usual one of the dashboard. */
  const chart = useSignal<Chart | undefined>(undefined)
  const range = useSignal<(typeof TIME_RANGE_PRESETS)[number]>('7d')
  const possible = chartsOfDashboard(dashboard.value)
  const shownChart = possible.find((each) => each === chart.value) ?? possible[0]!
  const add = () => {
    const title = views[dashboard.value].title
    const body = dashboardBody(dashboard.value, shownChart, { timeRange: range.value })
    onAdd({ title, kind: 'dashboard', body, chart: shownChart })
  }
  return (
    <div class="filter-bar" role="group" aria-label={texts.addDashboard}>
      <SelectField
        label={texts.dashboard}
        name="new-dashboard"
        value={dashboard.value}
        options={DASHBOARDS.map((value) => ({ value, text: views[value].title }))}
        onChange={(value) => {
          dashboard.value = value as typeof dashboard.value
          chart.value = undefined
        }}
      />
      <SelectField
        label={texts.chart}
        name="new-chart"
        value={shownChart}
        options={possible.map((value) => ({ value, text: charts[value] }))}
        onChange={(value) => (chart.value = value as Chart)}
      />
      <SelectField
        label={texts.range}
        name="new-range"
        value={range.value}
        options={TIME_RANGE_PRESETS.map((value) => ({ value, text: dateRange.presets[value] }))}
        onChange={(value) => (range.value = value as typeof range.value)}
      />
      <button type="button" class="button" onClick={add}>
        {texts.addDashboard}
      </button>
    </div>
  )
}
