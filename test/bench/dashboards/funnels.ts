/** Measures the duration of funnels over HTTP without a cache on a long history of the biggest tenant. */
import type { FunnelRequest } from '../../../src/analytics/funnels/funnel-request.ts'
import { timePosts } from './time-posts.ts'

const steps = (...events: string[]) => events.map((event) => ({ event }))
export const FUNNELS = {
  'message lifecycle': {
    entity: 'message',
    steps: steps('message_sent', 'message_delivered', 'message_opened', 'message_clicked'),
    order: 'ordered',
    window: '7d',
    timeRange: '30d',
  },
  'three steps of contacts': {
    entity: 'contact',
    steps: steps('message_sent', 'message_opened', 'message_clicked'),
    order: 'ordered',
    window: '7d',
    timeRange: '30d',
  },
  'enrollments to replies': {
    entity: 'enrollment',
    steps: steps('sequence_step_executed', 'sequence_enrollment_replied'),
    order: 'ordered',
    window: '30d',
    timeRange: '30d',
  },
} satisfies Record<string, FunnelRequest>

/** Over 30 days. */
export async function benchFunnels(events: number, requests: number) {
  const funnels = await timePosts({ path: 'funnels', bodies: FUNNELS, events, requests })
  const lifecycle = { ...FUNNELS['message lifecycle'], limit: 50 }
  const bodies = {
    'messages that were clicked': { ...lifecycle, member: { state: 'reached', step: 4 } },
    'messages that were not opened': { ...lifecycle, member: { state: 'droppedOff', step: 3 } },
  }
  const members = await timePosts({ path: 'funnels/members', bodies, events, requests, isVersioned: false })
  return { ...funnels, members: members.milliseconds }
}
