import { messages } from '../messages/messages.ts'

/** The display name of a channel. */
export function channelName(channel: string): string {
  const { channels } = messages()
  return Object.hasOwn(channels, channel) ? channels[channel as keyof typeof channels] : channel
}
