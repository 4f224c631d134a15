import { DefinitionFailure } from '../../../src/definitions/errors.ts'
import type { DefinitionStore } from '../../../src/definitions/ports.ts'

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
