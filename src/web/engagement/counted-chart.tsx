import { useSignal } from '@preact/signals'
import { LineChart } from '../charts/line/line-chart.tsx'
import type { Line, Series } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import type { Drills } from '../drill-down/drills.ts'
import { messages } from '../messages/messages.ts'
import type { ShownMetricName } from '../metrics/shown-metric.ts'

/** A bucket of a series that counts both messages and events. */
export interface CountedPoint {
  /** Whether what became of the messages of the bucket is final. */
  readonly mature: boolean
}

interface CountedChartProps<Point extends CountedPoint> {
  readonly title: string
  readonly subtitle?: string
  /** The metrics of the lines of messages, whose definitions the card has. */
  readonly metrics: readonly ShownMetricName[]
  readonly messageLines: readonly Line<Point>[]
  readonly eventLines: readonly Line<Point>[]
  readonly series: Series<Point>
  readonly previousPoints: readonly Point[] | undefined
  readonly drills: Drills | undefined
}

const BASES = ['messages', 'events'] as const

/** A chart of messages by the time of their sending, or as the user chooses of events by their own time. */
export function CountedChart<Point extends CountedPoint>(props: CountedChartProps<Point>) {
  const { title, metrics, messageLines, eventLines, series, previousPoints, drills } = props
  const { basis: texts } = messages().engagement
  const basis = useSignal<(typeof BASES)[number]>('messages')
  const isOfMessages = basis.value === 'messages'
  return (
    <Card title={title} metrics={metrics} {...(props.subtitle !== undefined && { subtitle: props.subtitle })}>
      <div class="basis">
        <div class="switch" role="group" aria-label={`${title}: ${texts.label}`}>
          {BASES.map((each) => (
            <button
              key={each}
              type="button"
              class="button"
              aria-pressed={basis.value === each}
              onClick={() => (basis.value = each)}
            >
              {texts[each]}
            </button>
          ))}
        </div>
        <p class="note">{isOfMessages ? texts.messagesHint : texts.eventsHint}</p>
      </div>
      <LineChart
        key={basis.value}
        title={title}
        lines={isOfMessages ? messageLines : eventLines}
        {...series}
        isMature={isOfMessages ? ({ mature }) => mature : undefined}
        previousPoints={previousPoints}
        drills={drills}
      />
    </Card>
  )
}
