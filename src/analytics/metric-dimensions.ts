/** The dimensions that groups of metrics may be divided by, besides time. Plain data like the metrics. */
import type { DimensionName } from './dimensions.ts'

const COMMON_DIMENSIONS = ['campaign', 'workflow', 'sequence', 'sourceType'] as const satisfies DimensionName[]
const TIME_DIMENSIONS = ['hourOfDay', 'dayOfWeek'] as const satisfies DimensionName[]

/** What became of messages: a message has the dimensions of its first sending. */
export const SENDING_DIMENSIONS = ['channel', ...COMMON_DIMENSIONS, 'template', 'recipientDomain'] as const
export const MESSAGE_DIMENSIONS = [...SENDING_DIMENSIONS, ...TIME_DIMENSIONS] as const
/** What only opens and clicks have. A message counts once for each class and link of its own. */
export const OWN_ACTION_DIMENSIONS = ['actorClass', 'link'] as const
export const ACTION_DIMENSIONS = [...MESSAGE_DIMENSIONS, ...OWN_ACTION_DIMENSIONS] as const
/** Runs and enrollments. */
export const JOURNEY_DIMENSIONS = [...COMMON_DIMENSIONS, 'step', ...TIME_DIMENSIONS] as const
/** Campaigns and contacts. */
export const EVENT_DIMENSIONS = [...MESSAGE_DIMENSIONS, 'step'] as const
