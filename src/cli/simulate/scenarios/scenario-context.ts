import type { SimulatedEvent, SimulatedSubject } from '../simulated-event.ts'
import type { Random } from '../random.ts'
import type { ScheduledStep, Timeline } from '../timeline.ts'
import type { SimulatedTenant } from '../data-set.ts'

export const secondMs = 1_000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Turns a life-like delay into the one that is played, both in milliseconds; never reorders: longer stays longer or equal. */
export type DelayScale = (delayMs: number) => number

/**
 * The pace of a live run, where a visitor wants to see opens within a minute: `d` seconds become `d` to the power of 0.25.
 * Three seconds last 1.3, ten minutes 5, two hours 9, three days 23.
 */
export const scaleLiveDelay: DelayScale = (delayMs) => secondMs * (delayMs / secondMs) ** 0.25

/** The pace of a history: real delays, but none longer than a twentieth of the history, so that stories come to their end in it. */
export function createHistoryDelayScale(spanMs: number): DelayScale {
  return (delayMs) => Math.min(delayMs, spanMs / 20)
}

/** What a story opened with, and how many events it comes to on average, the first included. */
export interface ScenarioStart {
  readonly firstEvent: SimulatedEvent
  readonly expectedEvents: number
}

/** Where one story of one tenant plays. Instants are epoch milliseconds. */
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

  /** Plans what follows `delayMs` (of real life) after `at`; at least a millisecond later, so that causes stay before effects. */
  schedule(at: number, delayMs: number, step: ScheduledStep<SimulatedEvent>): void {
    this.scheduleScaled(at, this.scaleDelay(delayMs), step)
  }

  /** As `after`, with a delay that has the pace in it already. */
  scheduleScaled(at: number, scaledDelayMs: number, step: ScheduledStep<SimulatedEvent>): void {
    this.timeline.schedule(at + Math.max(1, Math.round(scaledDelayMs)), step)
  }

  createEvent(subject: SimulatedSubject, at: number, data: Readonly<Record<string, unknown>>): SimulatedEvent {
    const { correlationId, random, tenant } = this
    const timestamp = new Date(at).toISOString()
    return { subject, envelope: { eventId: random.uuid(), tenantId: tenant.id, timestamp, correlationId, data } }
  }
}
