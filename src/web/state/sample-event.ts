import { firstSteps } from '../../events/first-steps.ts' with { type: 'macro' }

/** Calculated when the page is built. */
const FIRST_STEPS = firstSteps()

/** All subjects that the service consumes. */
export const SUBJECTS: readonly string[] = FIRST_STEPS.subjects
/** The subject of the sample event. */
export const SAMPLE_SUBJECT: string = FIRST_STEPS.subject

/** An event of a tenant as JSON, ready to be published. `time` is epoch milliseconds. */
export function sampleEvent(tenantId: string, time: number): string {
  const event = {
    eventId: `${FIRST_STEPS.eventType}-${time}`,
    tenantId,
    timestamp: new Date(time).toISOString(),
    data: FIRST_STEPS.data,
  }
  return JSON.stringify(event, undefined, 2)
}
