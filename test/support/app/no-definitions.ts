import { DefinitionFailure } from '../../../src/definitions/errors.ts'
import type { DefinitionStore } from '../../../src/definitions/ports.ts'
import { ScheduleDeliveries } from '../../../src/reports/delivery/schedule-deliveries.ts'

/** The definitions of an app without a broker: there are none, and none can be stored. */
export function noDefinitions<Body>(): DefinitionStore<Body> {
  const unavailable = () => Promise.reject(new DefinitionFailure('unavailable', 'The test app has no broker.'))
  const missing = () => Promise.reject(new DefinitionFailure('missing', 'The test app has no definitions.'))
  return {
    list: () => [],
    find: () => Promise.resolve(undefined),
    create: unavailable,
    replace: missing,
    remove: missing,
    versions: missing,
  }
}

/** The deliveries of the same app. */
export function noDeliveries(): ScheduleDeliveries {
  const unavailable = () => Promise.reject(new DefinitionFailure('unavailable', 'The test app has no broker.'))
  const store = {
    open: unavailable,
    listOpen: unavailable,
    close: unavailable,
    read: unavailable,
    create: unavailable,
    replace: unavailable,
    listIds: unavailable,
  }
  const parts = { store, schedules: noDefinitions<never>(), tokens: unavailable, messageIdDomain: 'localhost' }
  return new ScheduleDeliveries({ ...parts, sending: undefined })
}
