import type { NatsConnection } from 'nats'
import { type DefinitionKind, DEFINITION_LIMITS } from '../../definitions/ports.ts'
import { DefinitionBucket } from './definition-bucket.ts'
import { kindOfKey } from './definition-value.ts'

/** How many definitions of each kind were erased. */
export type ErasedDefinitions = Readonly<Record<DefinitionKind, number>>

/** Removes everything that a tenant has defined, with its older versions. Rejects when the broker does not respond; it can then be repeated. */
export async function eraseDefinitions(connection: NatsConnection, tenantId: string): Promise<ErasedDefinitions> {
  const bucket = new DefinitionBucket(connection)
  await bucket.ensure()
  const erased = Object.fromEntries(Object.keys(DEFINITION_LIMITS).map((kind) => [kind, 0])) as Record<
    DefinitionKind,
    number
  >
  for (const key of await bucket.keysOf(tenantId)) {
    const entry = await bucket.read(key)
    const kind = kindOfKey(key)
    if (kind === undefined) {
      if (entry) await bucket.delete(entry.revision)
    } else if (entry?.value !== undefined) {
      // The processes that follow the bucket learn of it by the mark of the removal.
      await bucket.write(key, undefined)
      erased[kind]++
    }
  }
  return erased
}
