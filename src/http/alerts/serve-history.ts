/** Answers requests for the history of a rule. */
import type { AlertTarget } from '../../alerts/notifications/notification.ts'
import type { RecordedTransition } from '../../alerts/evaluation/alert-record.ts'
import { ApiFailure } from '../../base/errors.ts'
import type { StoredDelivery } from '../../delivery/delivery-store.ts'
import { answered, authorizedFor, sendDefinition } from '../definitions/definition-requests.ts'
import { ROUTES } from '../routes.ts'
import { DEFAULT_HISTORY, historyItemOf } from './history-data.ts'
import { type AlertContext, type AlertParts, ALERTS, type AlertServices, readRecord } from './serve-alerts.ts'

/** The query has been checked by the schema. */
interface HistoryContext extends AlertContext {
  readonly query: { readonly limit?: number | undefined }
}

const CONCURRENT_READS = 50

export function serveHistory(context: HistoryContext, services: AlertServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.alertHistory.access)
  const { tenantId } = authorization.principal
  const { limit = DEFAULT_HISTORY } = context.query
  return answered('alert', async () => {
    const { id, body } = await ALERTS.find(services, tenantId, context)
    const stored = await readRecord(services.alerts, tenantId, id)
    const shown = (stored?.record.transitions ?? []).slice(-limit).toReversed()
    const deliveries = await deliveriesOf(services.alerts, tenantId, id, shown)
    const transitions = shown.map((each) => historyItemOf(body.rule.splitBy, each, deliveries))
    return sendDefinition(context, services, authorization, { transitions })
  })
}

/** The deliveries about these changes. Their ids begin with the start of the bucket. */
async function deliveriesOf(
  { deliveries }: AlertParts,
  tenantId: string,
  sourceId: string,
  shown: readonly RecordedTransition[],
): Promise<readonly StoredDelivery<AlertTarget>[]> {
  const buckets = new Set(shown.filter(({ announcement }) => announcement).map(({ bucket }) => String(bucket)))
  if (buckets.size === 0) return []
  try {
    const ids = (await deliveries.listIds(tenantId, sourceId)).filter((id) => buckets.has(id.split('-')[0]!))
    const found: StoredDelivery<AlertTarget>[] = []
    for (let start = 0; start < ids.length; start += CONCURRENT_READS) {
      const read = ids.slice(start, start + CONCURRENT_READS).map((id) => deliveries.read({ tenantId, sourceId, id }))
      found.push(...(await Promise.all(read)).filter((each) => each !== undefined))
    }
    return found
  } catch (error) {
    throw new ApiFailure('UNAVAILABLE', 'The history of alert rules cannot be read right now.', [], error)
  }
}
