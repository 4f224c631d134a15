/** Answers requests to stop notifications of a rule for a time. */
import { type Static, Type } from '@sinclair/typebox'
import type { AlertDefinition } from '../../alerts/alert-definition.ts'
import { object } from '../../analytics/schemas.ts'
import { MAX_DATE_TIME_LENGTH, parseDateTime } from '../../base/date-time.ts'
import { changeDefinition } from '../../definitions/change-definition.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { answered, authorizedFor, requireFound } from '../definitions/definition-requests.ts'
import { ROUTES } from '../routes.ts'
import { type AlertContext, ALERTS, type AlertServices } from './serve-alerts.ts'

export const SnoozeRequest = object(
  {
    until: Type.Union([Type.String({ minLength: 1, maxLength: MAX_DATE_TIME_LENGTH }), Type.Null()], {
      description: 'Nobody is told before this instant (ISO 8601 with an offset), at most a year ahead; null ends it.',
    }),
  },
  'How long nobody is told.',
  'AlertSnooze',
)

const MAX_AHEAD_MS = 366 * 86_400_000

export function serveSnooze(
  context: AlertContext & { readonly body: Static<typeof SnoozeRequest> },
  services: AlertServices,
): Promise<Response> {
  const { principal } = authorizedFor(context.request, ROUTES.alertSnooze.access)
  const { alerts, clock } = services
  const until = instantOf(context.body.until, clock.now())
  return answered('alert', async () => {
    const changed = await changeDefinition(
      alerts.definitions,
      principal.tenantId,
      context.params.alertId,
      ({ rule, judgedSince }): AlertDefinition => ({
        rule,
        judgedSince,
        ...(until === undefined ? {} : { snoozedUntil: until }),
      }),
    )
    return ALERTS.send(context, services, requireFound(changed, 'alert'))
  })
}

function instantOf(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const parsed = parseDateTime(text)
  const instant = parsed?.offsetMs === undefined ? undefined : parsed.wallTimeMs - parsed.offsetMs
  if (instant === undefined || instant <= now || instant > now + MAX_AHEAD_MS)
    throw invalidBody([
      {
        path: 'until',
        message: 'Expected an instant of the next 366 days with its offset, such as 2026-01-31T09:30:00Z.',
      },
    ])
  return instant
}
