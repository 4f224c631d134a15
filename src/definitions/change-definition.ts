import { isDefinitionFailure } from './errors.ts'
import type { Definition, DefinitionStore } from './ports.ts'

/** Two processes or a client may change the same definition at a time; more attempts than that are a defect. */
const MAX_ATTEMPTS = 10

/**
 * Changes a definition whatever its revision is: `change` receives the current body and returns the next one, or undefined to leave it as it is, and is called again when
 * another change came between. Returns the current definition, or undefined when there is none with this id. Rejects with a DefinitionFailure.
 */
export async function changeDefinition<Body>(
  store: DefinitionStore<Body>,
  tenantId: string,
  id: string,
  change: (body: Body) => Body | undefined,
): Promise<Definition<Body> | undefined> {
  for (let attempt = 1; ; attempt++) {
    const current = await store.find(tenantId, id)
    const next = current && change(current.body)
    if (!current || next === undefined) return current
    try {
      return await store.replace(tenantId, id, next, current.revision)
    } catch (error) {
      if (isDefinitionFailure(error, 'missing')) return undefined
      if (!isDefinitionFailure(error, 'conflict') || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
