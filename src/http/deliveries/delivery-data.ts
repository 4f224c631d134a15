/** The requests for deliveries, and their responses. */
import { type Static, Type } from '@sinclair/typebox'
import { choice, instant, object, text } from '../../analytics/schemas.ts'
import { MAX_ADDRESS_LENGTH } from '../../base/addresses/mail-address.ts'
import { DELIVERY_STATUSES } from '../../delivery/delivery.ts'
import type { ListedDelivery } from '../../reports/delivery/schedule-deliveries.ts'

const MAX_PAGE = 1_000
export const DEFAULT_PAGE = 100

export const DeliveryListParameters = object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_PAGE,
        default: DEFAULT_PAGE,
        description: 'How many items a page holds.',
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        maxLength: 200,
        description: 'The `cursor` of a response: the page behind it.',
        examples: ['0mkwyt0c0-Xb3Jd8sQk1vN5yZr2wTqLA'],
      }),
    ),
  },
  'The page of a list.',
)
export type DeliveryListParameters = Static<typeof DeliveryListParameters>

export const DeliveryPath = object(
  {
    scheduleId: Type.String({ minLength: 1, description: 'The id of the schedule.', examples: ['schedule-1'] }),
    deliveryId: Type.String({ minLength: 1, description: 'The id of the delivery.', examples: ['delivery-1'] }),
  },
  'The path of a delivery.',
)

export const TestRequest = object(
  {
    recipient: Type.String({
      minLength: 1,
      maxLength: MAX_ADDRESS_LENGTH,
      description: 'The mail address that receives the test. It need not be a recipient of the schedule.',
      examples: ['me@example.com'],
    }),
  },
  'A test of a schedule.',
  'ScheduleTest',
)
export type TestRequest = Static<typeof TestRequest>

export const TestData = object(
  { status: choice(['sent'], 'The mail server has taken the mail.') },
  'The result of a test.',
  'ScheduleTestResult',
)

export const DeliveryData = object(
  {
    id: text('The id'),
    scheduledFor: instant('The planned instant, which the data of the mail is of'),
    recipient: text('The mail address'),
    status: choice(
      DELIVERY_STATUSES,
      '`sent`: the mail server has taken it. `failed`: it was refused for good, or the last attempt failed. `unknown`: the mail server may have taken it, so it is not repeated. `missed`: no process ran at that time. `skipped`: there was nothing to send, or the recipient has unsubscribed.',
    ),
    attempts: Type.Integer({ minimum: 0, description: 'How many attempts have begun.' }),
    nextAttemptAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When it is tried again (UTC, ISO 8601); null where it is not.',
    }),
    messageId: text('The `Message-ID` of the mail, without brackets; all attempts have the same'),
    error: Type.Union([Type.String(), Type.Null()], {
      description: 'Why the last attempt failed, or why there was none.',
    }),
  },
  'One mail of a schedule.',
  'Delivery',
)

export const DeliveryListData = object(
  {
    deliveries: Type.Array(DeliveryData, { description: 'The deliveries, the newest first.' }),
    cursor: Type.Union([Type.String(), Type.Null()], { description: 'The next page; null on the last one.' }),
  },
  'The deliveries of a schedule.',
  'DeliveryList',
)

export function deliveryDataOf({ key, delivery, messageId }: ListedDelivery) {
  const { target, status, attempts, nextAttemptAt, error = null } = delivery
  return {
    id: key.id,
    scheduledFor: new Date(target.scheduledFor).toISOString(),
    recipient: target.recipient,
    status,
    attempts,
    nextAttemptAt: nextAttemptAt === undefined ? null : new Date(nextAttemptAt).toISOString(),
    messageId,
    error,
  }
}
