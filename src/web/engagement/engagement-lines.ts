import type { EngagementCountName } from '../../analytics/engagement/engagement-metrics.ts'
import type { Line } from '../charts/series.ts'
import { messages } from '../messages/messages.ts'

interface EngagedPoint<Name extends EngagementCountName> {
  readonly engagement: Readonly<Record<Name, number>>
}

/** The counts of a series that most people look for first. */
export const READING_LINES = ['messages', 'deliveredMessages', 'humanOpens', 'humanClicks'] as const
export const FAILURE_LINES = ['bouncedMessages', 'complainedMessages', 'unsubscribedMessages'] as const

/** The lines of a chart of messages by the time of their sending. Only what happens to messages can change later, not their number. */
export function engagementLines<Name extends EngagementCountName>(names: readonly Name[]): Line<EngagedPoint<Name>>[] {
  const { metrics } = messages()
  return names.map((name) => ({
    id: name,
    label: metrics[name].label,
    colour: name,
    value: ({ engagement }) => engagement[name],
    isSettled: name === 'messages',
  }))
}
