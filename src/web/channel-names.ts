import type { Channel } from '../base/channels.ts'

/** `none`: messages without a channel. */
const CHANNEL_NAMES: Readonly<Record<Channel | 'none', string>> = {
  email: 'Email',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  push: 'Push',
  none: 'No channel',
}

/** The name of a channel for people. */
export function channelName(channel: string): string {
  return CHANNEL_NAMES[channel as Channel | 'none'] ?? channel
}
