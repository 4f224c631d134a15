/** What a message has to be to count, each a condition on its facts and a bit of their state, in this order. */
export const MESSAGE_CONDITIONS = [
  'sent',
  'delivered',
  'bounced',
  'complained',
  'unsubscribed',
  'accepted',
  'opened',
  'clicked',
  'humanOpened',
  'humanClicked',
  'machineOpenedOnly',
  'confirmed',
  'hardBounced',
  'softBounced',
  'blockBounced',
  'adminBounced',
  'undeterminedBounced',
  'deliveredOrBounced',
] as const
export type MessageCondition = (typeof MESSAGE_CONDITIONS)[number]

/** The conditions of rates per delivered message: only delivered messages count in them. */
export const RESTRICTED_CONDITIONS = [
  'opened',
  'humanOpened',
  'confirmed',
  'clicked',
  'humanClicked',
  'complained',
  'unsubscribed',
] as const satisfies readonly MessageCondition[]
export type RestrictedCondition = (typeof RESTRICTED_CONDITIONS)[number]
