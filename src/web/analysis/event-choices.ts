import { analysisTexts } from './texts/analysis-texts.ts'

/** The parts of the choice of an event, each by the beginning of its event types. */
export const EVENT_GROUPS = ['message', 'sequence', 'workflow', 'campaign', 'contact'] as const
export type EventGroup = (typeof EVENT_GROUPS)[number]

/** The name of an event type; producers choose the last word of some. */
export function eventName(event: string): string {
  const { events } = analysisTexts()
  if (Object.hasOwn(events, event)) return events[event as keyof typeof events]
  const words = event.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The event types that have a name, of one group. */
export function eventsOf(group: EventGroup): string[] {
  return Object.keys(analysisTexts().events).filter((event) => event.startsWith(`${group}_`))
}
