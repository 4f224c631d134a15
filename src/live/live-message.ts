import type { LiveEventCount } from '../analytics/live-event-counts.ts'

/**
 * Why a client receives a new snapshot. `slow`: it reads too slowly. `gone`: the message that it names is too old or belongs to another stream. `range`: the range changed at
 * midnight. `uncertain`: the store contains other counts, because rows were deleted or another process wrote.
 */
export const RESYNC_REASONS = ['slow', 'gone', 'range', 'uncertain'] as const
export type ResyncReason = (typeof RESYNC_REASONS)[number]

export const LIVE_EVENTS = ['snapshot', 'delta', 'resync'] as const

/** One message of a stream. All clients share the object. */
export interface LiveMessage {
  /** A client that reconnects sends it as the last event id, to continue after this message. */
  readonly id: string
  readonly event: (typeof LIVE_EVENTS)[number]
  /** A JSON object. */
  readonly data: string
}

export function deltaMessage(id: string, asOf: number, counts: readonly LiveEventCount[]): LiveMessage {
  return { id, event: 'delta', data: JSON.stringify({ asOf: new Date(asOf).toISOString(), counts }) }
}

/** Its id is no position in a stream: a client that is disconnected after it needs the snapshot that follows. */
export function resyncMessage(reason: ResyncReason): LiveMessage {
  return { id: 'resync', event: 'resync', data: JSON.stringify({ reason }) }
}
