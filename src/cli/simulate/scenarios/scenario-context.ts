import { SECOND_MS } from '../../duration.ts'
import type { SimulatedEvent, SimulatedSubject } from '../simulated-event.ts'
import type { Random } from '../random.ts'
import type { ScheduledStep, Timeline } from '../timeline.ts'
import type { SimulatedTenant } from '../data-set.ts'

/** Turns a realistic delay into the simulated one, both in milliseconds. Keeps the order: a longer delay stays longer or equal. */
export type DelayScale = (delayMs: number) => number

/**
 * The delays of a live run, which shows opens within a minute: `d` seconds become `d` to the power of 0.25. Three seconds become 1.3 s, ten minutes 5 s, two hours 9 s,
 * three days 23 s.
 */
export const scaleLiveDelay: DelayScale = (delayMs) => SECOND_MS * (delayMs / SECOND_MS) ** 0.25

/** The delays of a history: realistic, but none longer than a twentieth of the history, so that scenarios end within it. */
export function createHistoryDelayScale(spanMs: number): DelayScale {
  return (delayMs) => Math.min(delayMs, spanMs / 20)
}

/** The first event of a scenario, and its average number of events, the first included. */
export interface ScenarioStart {
  readonly firstEvent: SimulatedEvent
  readonly expectedEvents: number
}

/** The context of one scenario of one tenant. Instants are epoch milliseconds. */
export class ScenarioContext {
  readonly tenant: SimulatedTenant
  readonly random: Random
  readonly scaleDelay: DelayScale
  private readonly timeline: Timeline<SimulatedEvent>
  private readonly correlationId: string

  constructor(tenant: SimulatedTenant, random: Random, scaleDelay: DelayScale, timeline: Timeline<SimulatedEvent>) {
    this.tenant = tenant
    this.random = random
    this.scaleDelay = scaleDelay
    this.timeline = timeline
    this.correlationId = `sim-${random.hex()}${random.hex()}`
  }

  /** Schedules a step `delayMs` (a realistic delay) after `at`, but at least one millisecond later, so that causes stay before effects. */
  schedule(at: number, delayMs: number, step: ScheduledStep<SimulatedEvent>): void {
    this.scheduleScaled(at, this.scaleDelay(delayMs), step)
  }

  /** As `schedule`, with a delay that is already scaled. */
  scheduleScaled(at: number, scaledDelayMs: number, step: ScheduledStep<SimulatedEvent>): void {
    this.timeline.schedule(at + Math.max(1, Math.round(scaledDelayMs)), step)
  }

  createEvent(subject: SimulatedSubject, at: number, data: Readonly<Record<string, unknown>>): SimulatedEvent {
    const { correlationId, random, tenant } = this
    const timestamp = new Date(at).toISOString()
    return { subject, envelope: { eventId: random.uuid(), tenantId: tenant.id, timestamp, correlationId, data } }
  }
}
