/** The channels of messages, in the order in which they are listed. */
export const CHANNELS = ['email', 'sms', 'whatsapp', 'push'] as const
/** The channel under which messages without a channel are listed, so that the channels add up to all messages. */
export const NO_CHANNEL = 'none'
export type Channel = (typeof CHANNELS)[number]
