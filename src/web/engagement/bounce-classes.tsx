import type { EngagementValues } from '../../analytics/engagement/engagement-metrics.ts'
import { StackedBar } from '../charts/stacked-bar.tsx'
import { Card } from '../components/card.tsx'
import type { Drills } from '../drill-down/drills.ts'
import { formatCount, formatRate } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'

const CLASSES = ['hardBounces', 'softBounces', 'blockBounces', 'adminBounces', 'undeterminedBounces'] as const

interface BounceClassesProps {
  readonly engagement: EngagementValues
  readonly drills: Drills | undefined
}

/** The classes of bounced messages. Each one has one class, so that they add up. */
export function BounceClasses({ engagement, drills }: BounceClassesProps) {
  const { metrics, engagement: texts } = messages()
  const { title, subtitle, none } = texts.bounces
  const { bouncedMessages, bounceMessageRate } = engagement
  return (
    <Card
      title={title}
      subtitle={bouncedMessages === 0 ? none : subtitle(formatCount(bouncedMessages), formatRate(bounceMessageRate))}
      metrics={['bouncedMessages', 'bounceMessageRate', ...CLASSES]}
    >
      {bouncedMessages > 0 && (
        <StackedBar
          title={title}
          parts={CLASSES.map((name) => ({
            id: name,
            label: metrics[name].label,
            value: engagement[name],
            colour: name,
            drill: drills?.of(name, { value: engagement[name] }),
          }))}
        />
      )}
    </Card>
  )
}
