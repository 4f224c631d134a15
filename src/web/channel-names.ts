import type { Channel } from '../base/channels.ts'

/** `none` stands for messages without a channel. */
const CHANNEL_NAMES: Readonly<Record<Channel | 'none', string>> = {
  email: 'Email',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  push: 'Push',
  none: 'No channel',
}

/** The display name of a channel. */
export function channelName(channel: string): string {
  return CHANNEL_NAMES[channel as Channel | 'none'] ?? channel
}
