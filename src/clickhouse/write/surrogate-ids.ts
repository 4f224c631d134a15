/**
 * Surrogate ids: dashboards count contacts that campaigns send to and enrollments of sequences distinctly. Each of them has a small integer within its tenant, assigned
 * when it is first stored and never changed, so that a set of them is a small bitmap in a projection. Surrogate ids are stored before the rows that contain them: after
 * a crash in between, the repeated row uses the surrogate id that is already stored.
 */
import { contactHash, enrollmentHash } from '../../events/identity.ts'
import type { EventRow } from '../../events/event-row.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import { named } from '../connection/named-statement.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { columnsOf } from './column-formats.ts'
import { encodeBlock } from './native-block.ts'

/** About 15 MB. A full cache is emptied; ids that are not cached are looked up. */
const MAX_CACHED_IDS = 100_000
/** A tenant takes as much memory as this number of ids, since it has a map per kind of entity. */
const TENANT_CACHE_WEIGHT = 5
/** The number of hashes in one query. */
const MAX_LOOKUP_HASHES = 10_000

const SURROGATE_IDS_TARGET = {
  table: 'analytics_surrogate_ids',
  columns: columnsOf([
    { name: 'tenant_id', type: 'String' },
    { name: 'id_hash', type: 'UUID' },
    { name: 'surrogate_id', type: 'UInt32' },
  ]),
}

const FIND_SURROGATE_IDS = named(
  'find_surrogate_ids',
  `
  SELECT toString(id_hash) AS hash, min(surrogate_id) AS assigned_id
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)} AND id_hash IN {hashes:Array(UUID)}
  GROUP BY id_hash`,
)

const FIND_HIGHEST_SURROGATE_IDS = named(
  'find_highest_surrogate_ids',
  `
  SELECT tenant_id, max(surrogate_id) AS highest_id
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)}
  GROUP BY tenant_id`,
)

type CountedEntity = 'contact' | 'enrollment'

/** The cached surrogate ids of a tenant. */
interface TenantSurrogateIds {
  readonly tenantId: string
  /** By kind of entity; a kind is absent until an id of it is cached. */
  readonly idsByEntity: Partial<Record<CountedEntity, Map<string, number>>>
  /** The highest surrogate id that was assigned; undefined when it is not known. */
  highestId: number | undefined
}

/** A row whose surrogate id is not cached. */
interface IdRequest {
  readonly rowIndex: number
  readonly tenant: TenantSurrogateIds
  readonly entity: CountedEntity
  readonly id: string
}

/** Only one writer may use it at a time: two would assign the same id twice. */
export class SurrogateIds {
  readonly #connection: EventWriter
  readonly #yielder: EventLoopYielder | undefined
  #tenants = new Map<string, TenantSurrogateIds>()
  #cachedCount = 0

  constructor(connection: EventWriter, yielder?: EventLoopYielder) {
    this.#connection = connection
    this.#yielder = yielder
  }

  /** The surrogate id of each row, 0 where the row counts nothing distinctly. New ids are stored first. Rejects with a StoreFailure. */
  async idsOf(rows: readonly EventRow[]): Promise<Uint32Array> {
    const ids = new Uint32Array(rows.length)
    const requests = this.#fillCached(rows, ids)
    if (requests.length === 0) return ids
    const hashedRequests = requests.map((request) => ({ ...request, hash: idHashOf(request) }))
    await this.#yielder?.yieldIfBusy()
    const found = await this.#findStored(hashedRequests)
    const assigned = await this.#assignIds(hashedRequests.filter(({ hash }) => !found.has(hash)))
    for (const { rowIndex, tenant, entity, id, hash } of hashedRequests) {
      ids[rowIndex] = found.get(hash) ?? assigned.get(hash)!
      const cached = (tenant.idsByEntity[entity] ??= new Map<string, number>())
      if (cached.has(id)) continue
      cached.set(id, ids[rowIndex])
      this.#cachedCount++
    }
    return ids
  }

  /** Makes the next assignment read the highest ids again, since another process may have assigned ids. */
  forgetHighest(): void {
    for (const tenant of this.#tenants.values()) tenant.highestId = undefined
  }

  /** Fills in the cached ids and returns the rows whose id is not cached. */
  #fillCached(rows: readonly EventRow[], ids: Uint32Array): IdRequest[] {
    if (this.#cachedCount > MAX_CACHED_IDS) {
      this.#tenants = new Map()
      this.#cachedCount = 0
    }
    const requests: IdRequest[] = []
    for (const [rowIndex, row] of rows.entries()) {
      const entity = countedEntityOf(row)
      if (entity === undefined) continue
      const id = (entity === 'contact' ? row.contact_id : row.enrollment_id)!
      const tenant = this.#tenant(row.tenant_id)
      const cached = tenant.idsByEntity[entity]?.get(id)
      if (cached === undefined) requests.push({ rowIndex, tenant, entity, id })
      else ids[rowIndex] = cached
    }
    return requests
  }

  #tenant(tenantId: string): TenantSurrogateIds {
    let tenant = this.#tenants.get(tenantId)
    if (!tenant) {
      tenant = { tenantId, idsByEntity: {}, highestId: undefined }
      this.#tenants.set(tenantId, tenant)
      this.#cachedCount += TENANT_CACHE_WEIGHT
    }
    return tenant
  }

  async #findStored(requests: readonly (IdRequest & { readonly hash: string })[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (let start = 0; start < requests.length; start += MAX_LOOKUP_HASHES) {
      const slice = requests.slice(start, start + MAX_LOOKUP_HASHES)
      const rows = await this.#connection.query<{ hash: string; assigned_id: number }>(FIND_SURROGATE_IDS, {
        tenants: [...new Set(slice.map(({ tenant }) => tenant.tenantId))],
        hashes: slice.map(({ hash }) => hash),
      })
      for (const { hash, assigned_id } of rows) found.set(hash, assigned_id)
    }
    return found
  }

  /** Assigns and stores surrogate ids; returns them by hash. */
  async #assignIds(requests: readonly (IdRequest & { readonly hash: string })[]): Promise<Map<string, number>> {
    const assigned = new Map<string, number>()
    if (requests.length === 0) return assigned
    const tenants = new Set(requests.map(({ tenant }) => tenant))
    await this.#loadHighest([...tenants].filter(({ highestId }) => highestId === undefined))
    const added: { tenant_id: string; id_hash: string; surrogate_id: number }[] = []
    for (const { tenant, hash } of requests) {
      if (assigned.has(hash)) continue
      const surrogateId = ++tenant.highestId!
      assigned.set(hash, surrogateId)
      added.push({ tenant_id: tenant.tenantId, id_hash: hash, surrogate_id: surrogateId })
    }
    try {
      await this.#connection.insert(SURROGATE_IDS_TARGET, encodeBlock(SURROGATE_IDS_TARGET.columns, added))
    } catch (error) {
      // It is unknown whether the ids were stored.
      for (const tenant of tenants) tenant.highestId = undefined
      throw error
    }
    return assigned
  }

  async #loadHighest(tenants: readonly TenantSurrogateIds[]): Promise<void> {
    if (tenants.length === 0) return
    const rows = await this.#connection.query<{ tenant_id: string; highest_id: number }>(FIND_HIGHEST_SURROGATE_IDS, {
      tenants: tenants.map(({ tenantId }) => tenantId),
    })
    const highest = new Map(rows.map(({ tenant_id, highest_id }) => [tenant_id, highest_id]))
    for (const tenant of tenants) tenant.highestId = highest.get(tenant.tenantId) ?? 0
  }
}

/** Which id of the row is counted distinctly. */
function countedEntityOf({ event_type, campaign_id, contact_id, enrollment_id }: EventRow): CountedEntity | undefined {
  if (event_type === 'message_sent') return campaign_id !== null && contact_id !== null ? 'contact' : undefined
  return enrollment_id !== null && event_type.startsWith('sequence_') ? 'enrollment' : undefined
}

function idHashOf({ tenant, entity, id }: IdRequest): string {
  return entity === 'contact' ? contactHash(tenant.tenantId, id) : enrollmentHash(tenant.tenantId, id)
}
