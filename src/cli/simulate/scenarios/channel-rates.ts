/** How often people react to messages, by channel. */
import type { Channel, Template } from '../data-set.ts'
import { HOUR_MS, MINUTE_MS } from '../../duration.ts'

interface ChannelRates {
  /** Shares of sent messages. */
  readonly bounced: number
  readonly delivered: number
  /** The share of delivered messages, for a template of quality 1. */
  readonly opened: number
  /** The share of opened messages, for a template of quality 1. */
  readonly clicked: number
  readonly complained: number
  readonly unsubscribed: number
  readonly medianOpenDelayMs: number
}

export const CHANNEL_RATES: Record<Channel, ChannelRates> = {
  email: {
    bounced: 0.024,
    delivered: 0.968,
    opened: 0.36,
    clicked: 0.2,
    complained: 0.0012,
    unsubscribed: 0.012,
    medianOpenDelayMs: 2 * HOUR_MS,
  },
  sms: {
    bounced: 0.016,
    delivered: 0.978,
    opened: 0.24,
    clicked: 0.45,
    complained: 0.002,
    unsubscribed: 0.03,
    medianOpenDelayMs: 6 * MINUTE_MS,
  },
  whatsapp: {
    bounced: 0.03,
    delivered: 0.955,
    opened: 0.58,
    clicked: 0.24,
    complained: 0.003,
    unsubscribed: 0.015,
    medianOpenDelayMs: 12 * MINUTE_MS,
  },
  push: {
    bounced: 0.07,
    delivered: 0.88,
    opened: 0.08,
    clicked: 0.6,
    complained: 0,
    unsubscribed: 0.05,
    medianOpenDelayMs: 25 * MINUTE_MS,
  },
}

/** The share of delivered messages that a person opens. */
export function openShare({ channel, quality }: Template): number {
  return Math.min(0.95, CHANNEL_RATES[channel].opened * quality)
}

/** The share of the messages opened by a person that the person clicks in. */
export function clickShare({ channel, quality }: Template): number {
  return Math.min(0.9, CHANNEL_RATES[channel].clicked * quality)
}
