import type { EngagementValues } from '../../analytics/engagement/engagement-metrics.ts'
import { StackedBar } from '../charts/stacked-bar.tsx'
import { Card } from '../components/card.tsx'
import { Note } from '../components/note.tsx'
import type { Drills } from '../drill-down/drills.ts'
import { formatDuration } from '../format/durations.ts'
import { formatRate } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { engagementRate } from '../metrics/engagement-rates.ts'

interface OpenersProps {
  readonly engagement: EngagementValues
  readonly drills: Drills | undefined
}

/** Who opened messages: people or machines, how many opens and clicks show neither, and how long people took. */
export function Openers({ engagement, drills }: OpenersProps) {
  const { metrics, engagement: texts } = messages()
  const { title, subtitle, people, machines, unknown, note, none } = texts.openers
  const { uniqueOpens, unknownShare } = engagement
  const clickToOpenRate = engagementRate('clickToOpenRate', engagement)
  const facts = [
    ['clickToOpenRate', clickToOpenRate === null ? '–' : formatRate(clickToOpenRate)],
    ...(['medianSecondsToOpen', 'medianSecondsToClick'] as const).map((name) => {
      const seconds = engagement[name]
      return [name, seconds === null ? '–' : formatDuration(seconds)] as const
    }),
  ] as const
  return (
    <Card
      title={title}
      subtitle={subtitle}
      metrics={['humanOpens', 'machineOnlyOpens', 'unknownShare', ...facts.map(([name]) => name)]}
    >
      {uniqueOpens === 0 ? (
        <p class="chart-empty">{none}</p>
      ) : (
        <StackedBar
          title={title}
          parts={(['humanOpens', 'machineOnlyOpens'] as const).map((name) => ({
            id: name,
            label: name === 'humanOpens' ? people : machines,
            value: engagement[name],
            colour: name,
            drill: drills?.of(name, { value: engagement[name] }),
          }))}
        />
      )}
      <dl class="facts">
        {facts.map(([name, text]) => (
          <div key={name}>
            <dt>{metrics[name].label}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <Note>
        {unknown(formatRate(unknownShare))} {note}
      </Note>
    </Card>
  )
}
