import type { AlertParts } from '../../../src/http/alerts/serve-alerts.ts'
import { noDefinitions } from './no-definitions.ts'

/** The alerts of an app without a broker: there are no rules, and none can be stored. */
export function noAlerts(): AlertParts {
  return {
    definitions: noDefinitions(),
    records: {
      read: () => Promise.resolve(undefined),
      write: () => Promise.reject(new Error('The test app has no broker.')),
      remove: () => Promise.resolve(),
    },
    deliveries: { listIds: () => Promise.resolve([]), read: () => Promise.resolve(undefined) },
    isStale: () => false,
    problemOf: () => undefined,
    allowsPrivateWebhooks: false,
    isMailConfigured: false,
  }
}
