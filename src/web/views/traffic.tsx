import type { Traffic } from '../../analytics/dashboards/traffic.ts'
import { WEEKDAYS } from '../../analytics/time/buckets.ts'
import { BarList } from '../charts/bar-list.tsx'
import { HeatMap } from '../charts/heat-map.tsx'
import { LineChart } from '../charts/line/line-chart.tsx'
import { completePoints } from '../charts/series.ts'
import { weekMatrix } from '../charts/week-matrix.ts'
import { Card } from '../components/card.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { useDrills } from '../drill-down/use-drills.ts'
import { hourName, weekdayName } from '../format/dates.ts'
import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { bucketSeries } from '../metrics/bucket-series.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type BusiestKeys = { readonly hourOfDay: number } | { readonly dayOfWeek: string }
type Counts = readonly { readonly messageCount: number }[]

export const view = defineDashboardView({
  dashboard: 'traffic',
  icon: 'M2.5 13.5v-4M6.2 13.5v-8M9.8 13.5V8M13.5 13.5v-11',
  needsHourly: true,
  cardCount: 3,
  isEmpty: ({ byDayOfWeek }) => totalOf(byDayOfWeek) === 0,
  Content: TrafficView,
})

function TrafficView({ data, viewState, asOf }: ViewProps<DashboardData<'traffic'>>) {
  const { current, previous, hourly, granularity } = data
  const { views, metrics } = messages()
  const texts = views.traffic
  const drills = useDrills(current.drill)
  const hourlyDrills = useDrills(hourly?.drill)
  const series = bucketSeries(current.timeSeries, granularity, { viewState, asOf })
  const card = (label: string, detail: string, value: (traffic: Traffic) => number, keys: BusiestKeys) => ({
    metric: 'sent' as const,
    label,
    detail,
    better: 'neither' as const,
    value: value(current),
    drill: drills?.of('sent', { value: value(current), keys }),
    previous: previous && value(previous),
  })
  const busiestHour = current.peakHours.toSorted((a, b) => b.messageCount - a.messageCount)[0]!
  const busiestWeekday = current.byDayOfWeek.findIndex(
    ({ messageCount }) => messageCount === largestOf(current.byDayOfWeek),
  )
  return (
    <>
      <KpiCards
        cards={[
          {
            metric: 'sent',
            next: otherView('messages'),
            drill: drills?.of('sent', { value: totalOf(current.byDayOfWeek) }),
            value: totalOf(current.byDayOfWeek),
            previous: previous && totalOf(previous.byDayOfWeek),
            trend: completePoints(series).map(({ messageCount }) => messageCount),
          },
          card(texts.busiestHour, hourName(busiestHour.hour), ({ peakHours }) => largestOf(peakHours), {
            hourOfDay: busiestHour.hour,
          }),
          card(texts.busiestWeekday, weekdayName(busiestWeekday, 'long'), ({ byDayOfWeek }) => largestOf(byDayOfWeek), {
            dayOfWeek: WEEKDAYS[busiestWeekday]!,
          }),
        ]}
      />
      <Card title={texts.throughTheWeek} subtitle={texts.throughTheWeekSubtitle}>
        <HeatMap
          title={texts.throughTheWeek}
          matrix={weekMatrix(hourly?.timeSeries ?? [], viewState.zone, asOf)}
          drillOf={(weekday, hour, value) =>
            hourlyDrills?.of('sent', { value, keys: { dayOfWeek: WEEKDAYS[weekday]!, hourOfDay: hour } })
          }
        />
      </Card>
      <Card title={texts.overTime}>
        <LineChart
          title={texts.overTime}
          lines={[{ id: 'sent', label: metrics.sent.label, colour: 'sent', value: ({ messageCount }) => messageCount }]}
          {...series}
          previousPoints={previous?.timeSeries}
          drills={drills}
        />
      </Card>
      <div class="columns">
        <Card title={texts.byWeekday}>
          <BarList
            title={texts.byWeekday}
            bars={current.byDayOfWeek.map(({ messageCount }, weekday) => ({
              label: weekdayName(weekday, 'long'),
              value: messageCount,
              drill: drills?.of('sent', { value: messageCount, keys: { dayOfWeek: WEEKDAYS[weekday]! } }),
            }))}
          />
        </Card>
        <Card title={texts.byHour}>
          <BarList
            title={texts.byHour}
            bars={current.peakHours.map(({ hour, messageCount }) => ({
              label: hourName(hour),
              value: messageCount,
              drill: drills?.of('sent', { value: messageCount, keys: { hourOfDay: hour } }),
            }))}
          />
        </Card>
      </div>
    </>
  )
}

function totalOf(counts: Counts): number {
  return counts.reduce((total, { messageCount }) => total + messageCount, 0)
}

function largestOf(counts: Counts): number {
  return Math.max(0, ...counts.map(({ messageCount }) => messageCount))
}
