import type { LiveEventCount } from '../analytics/live-event-counts.ts'

/**
 * Why a client has to start over: it reads too slowly; what it names is too long ago, or of another stream; midnight moved the range; the store turned out to hold
 * something else, as rows were dropped or another process wrote.
 */
export const RESYNC_REASONS = ['slow', 'gone', 'range', 'uncertain'] as const
export type ResyncReason = (typeof RESYNC_REASONS)[number]

export const LIVE_EVENTS = ['snapshot', 'delta', 'resync'] as const

/** One message of a stream, the same object for all who get it. */
export interface LiveMessage {
  /** What a client names to go on behind this message. */
  readonly id: string
  readonly event: (typeof LIVE_EVENTS)[number]
  /** A JSON object. */
  readonly data: string
}

export function deltaMessage(id: string, asOf: number, counts: readonly LiveEventCount[]): LiveMessage {
  return { id, event: 'delta', data: JSON.stringify({ asOf: new Date(asOf).toISOString(), counts }) }
}

/** Names no place to go on from: whoever is cut off behind it needs the snapshot that follows it. */
export function resyncMessage(reason: ResyncReason): LiveMessage {
  return { id: 'resync', event: 'resync', data: JSON.stringify({ reason }) }
}
