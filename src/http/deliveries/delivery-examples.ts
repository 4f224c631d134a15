import type { Static } from '@sinclair/typebox'
import type { DeliveryData, DeliveryListData, TestData, TestRequest } from './delivery-data.ts'

const SENT: Static<typeof DeliveryData> = {
  id: '0mkwyt0c0-Xb3Jd8sQk1vN5yZr2wTqLA',
  scheduledFor: '2026-01-26T07:30:00.000Z',
  recipient: 'team@example.com',
  status: 'sent',
  attempts: 1,
  nextAttemptAt: null,
  messageId: 'r7Yw0cUq3mE9kPzVb5sTgA@example.com',
  error: null,
}

const DELIVERIES: Static<typeof DeliveryListData> = { deliveries: [SENT], cursor: null }
const TEST: TestRequest = { recipient: 'me@example.com' }
const TESTED: Static<typeof TestData> = { status: 'sent' }

/** The bodies of requests by operation. */
export const DELIVERY_REQUEST_EXAMPLES = { testSchedule: TEST }

/** The data of responses by operation. */
export const DELIVERY_EXAMPLES = { deliveries: DELIVERIES, resend: SENT, testSchedule: TESTED }
