/** Examples of funnels, for the API document. */
import type { Static } from '@sinclair/typebox'
import type { FunnelRequest } from '../../analytics/funnels/funnel-request.ts'
import type { FunnelData } from '../../analytics/funnels/funnel-response.ts'
import { MEMBERS_PATH } from '../../analytics/funnels/members/member-drills.ts'
import type { FunnelMember, FunnelMembersRequest } from '../../analytics/funnels/members/member-request.ts'
import { funnelPresets } from '../../analytics/funnels/presets.ts'
import type { FunnelMembersData } from '../../analytics/funnels/members/read-members.ts'
import { rate } from '../../analytics/rates.ts'

const FUNNEL_EXAMPLE: FunnelRequest = {
  entity: 'message',
  steps: [
    { event: 'message_sent', name: 'Sent', filter: { dimension: 'channel', operator: 'in', values: ['email'] } },
    { event: 'message_delivered', name: 'Delivered' },
    { event: 'message_clicked', name: 'Clicked' },
  ],
  order: 'ordered',
  window: '1d',
  exclusions: [{ event: 'message_complained', after: 1, before: 3 }],
  breakdown: { dimension: 'campaign', of: 'entry' },
  trend: 'day',
  startDate: '2026-01-26',
  endDate: '2026-01-28',
  timezone: 'UTC',
}

const ANSWERED = {
  ...FUNNEL_EXAMPLE,
  startDate: '2026-01-26T00:00:00.000Z',
  endDate: '2026-01-28T23:59:59.999Z',
  asOf: '2026-01-29T06:30:15.123Z',
}
const drillOf = (member: FunnelMember) => ({ path: MEMBERS_PATH, body: { ...ANSWERED, member } })

const FUNNEL_DATA: FunnelData = {
  entered: 1500,
  excluded: 1,
  excludedDrill: drillOf({ state: 'excluded' }),
  open: 310,
  openDrill: drillOf({ state: 'open' }),
  steps: [
    {
      name: 'Sent',
      event: 'message_sent',
      count: 1500,
      conversionFromFirst: rate(1500, 1500),
      conversionFromPrevious: null,
      droppedOff: 0,
      medianSeconds: null,
      p90Seconds: null,
      drill: drillOf({ state: 'reached', step: 1 }),
    },
    {
      name: 'Delivered',
      event: 'message_delivered',
      count: 1453,
      conversionFromFirst: rate(1453, 1500),
      conversionFromPrevious: rate(1453, 1500),
      droppedOff: 47,
      medianSeconds: 2.4,
      p90Seconds: 9.125,
      drill: drillOf({ state: 'reached', step: 2 }),
      droppedOffDrill: drillOf({ state: 'droppedOff', step: 2 }),
    },
    {
      name: 'Clicked',
      event: 'message_clicked',
      count: 96,
      conversionFromFirst: rate(96, 1500),
      conversionFromPrevious: rate(96, 1453),
      droppedOff: 1357,
      medianSeconds: 3605,
      p90Seconds: 41_220.5,
      drill: drillOf({ state: 'reached', step: 3 }),
      droppedOffDrill: drillOf({ state: 'droppedOff', step: 3 }),
    },
  ],
  overall: { conversionRate: rate(96, 1500), medianSeconds: 3609.75, p90Seconds: 41_231 },
  breakdown: [
    { key: 'cmp-1', name: 'Black Friday Sale', steps: [690, 670, 51] },
    { key: 'cmp-2', name: 'Alumni Spring Gala', steps: [497, 480, 30] },
    { key: '(none)', steps: [313, 303, 15] },
  ],
  trend: [
    { timestamp: '2026-01-26T00:00:00Z', entered: 480, converted: 40, conversionRate: rate(40, 480), complete: true },
    { timestamp: '2026-01-27T00:00:00Z', entered: 510, converted: 36, conversionRate: rate(36, 510), complete: true },
    { timestamp: '2026-01-28T00:00:00Z', entered: 510, converted: 20, conversionRate: rate(20, 510), complete: false },
  ],
}

const MEMBERS_EXAMPLE: FunnelMembersRequest = {
  ...ANSWERED,
  member: { state: 'reached', step: 2, breakdownKey: 'cmp-1' },
  limit: 1,
  cursor: null,
}

const MEMBERS_DATA: Static<typeof FunnelMembersData> = {
  members: [
    {
      id: 'm-1',
      path: '/messages/m-1',
      enteredAt: '2026-01-28T09:12:00Z',
      level: 2,
      steps: [
        { at: '2026-01-28T09:12:00Z', eventId: '8a1d0c5e-2b7f-5e19-8d3a-90c4b7e6f2a1' },
        { at: '2026-01-28T09:12:02.400Z', eventId: '5c7e9a31-4f0d-5b2a-9c18-7d3e0a6b1f42' },
        null,
      ],
    },
  ],
  count: 670,
  cursor: 'WzEsIjRTaWJPY3NldnVVdTVWSFU0QUdNcFJ3UCIsMTc2OTM4NTYwMDAwMCwxNzY5NTkxNTIwMDAwLCJtLTEiXQ',
}

/** The example of each request body. */
export const FUNNEL_REQUEST_EXAMPLES = { funnel: FUNNEL_EXAMPLE, funnelMembers: MEMBERS_EXAMPLE }

/** The data of each response. */
export const FUNNEL_EXAMPLES = {
  funnel: FUNNEL_DATA,
  funnelMembers: MEMBERS_DATA,
  funnelPresets: { presets: funnelPresets().slice(0, 2) },
}
