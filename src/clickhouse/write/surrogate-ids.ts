/**
 * Surrogate ids: dashboards count contacts that campaigns send to and enrollments of sequences distinctly. Each of them has a small integer within its tenant, assigned
 * when it is first stored and never changed, so that a set of them is a small bitmap in a projection. Surrogate ids are stored before the rows that contain them: after
 * a crash in between, the repeated row uses the surrogate id that is already stored.
 */
import { contactHash, enrollmentHash } from '../../events/identity.ts'
import { ByteInterner } from '../../events/block/byte-interner.ts'
import type { EventBlock, RowIndexes } from '../../events/block/event-block.ts'
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

const COUNTED_ENTITIES = ['contact', 'enrollment'] as const
type CountedEntity = (typeof COUNTED_ENTITIES)[number]

/** What the rows count distinctly. */
interface CountedIds {
  /** The distinct ids. The scope is the tenant's number in the block, times two, plus the index of the kind of entity. */
  readonly distinct: ByteInterner
  /** For each row the number of its id plus 1; 0 where it counts nothing. */
  readonly numbers: Uint32Array
}

/** The cached surrogate ids of a tenant. */
interface TenantSurrogateIds {
  readonly tenantId: string
  /** By kind of entity; a kind is absent until an id of it is cached. */
  readonly idsByEntity: Partial<Record<CountedEntity, Map<string, number>>>
  /** The highest surrogate id that was assigned; undefined when it is not known. */
  highestId: number | undefined
}

/** An id whose surrogate id is not cached. */
interface IdRequest {
  /** Among the distinct ids. */
  readonly number: number
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

  /** The surrogate id of each of these rows, 0 where it counts nothing distinctly. New ids are stored first. Rejects with a StoreFailure. */
  async idsOf(events: EventBlock, rows: RowIndexes): Promise<Uint32Array<ArrayBuffer>> {
    const counted = countedIdsOf(events, rows)
    const surrogateIds = await this.#resolve(events, counted.distinct)
    const ids = new Uint32Array(rows.length)
    for (let index = 0; index < rows.length; index++) {
      const number = counted.numbers[index]!
      if (number > 0) ids[index] = surrogateIds[number - 1]!
    }
    return ids
  }

  /** Makes the next assignment read the highest ids again, since another process may have assigned ids. */
  forgetHighest(): void {
    for (const tenant of this.#tenants.values()) tenant.highestId = undefined
  }

  /** The surrogate id of each distinct id. */
  async #resolve(events: EventBlock, distinct: ByteInterner): Promise<Uint32Array> {
    const surrogateIds = new Uint32Array(distinct.size)
    const requests = this.#fillCached(events, distinct, surrogateIds)
    if (requests.length === 0) return surrogateIds
    const hashedRequests = requests.map((request) => ({ ...request, hash: idHashOf(request) }))
    await this.#yielder?.yieldIfBusy()
    const found = await this.#findStored(hashedRequests)
    const assigned = await this.#assignIds(hashedRequests.filter(({ hash }) => !found.has(hash)))
    for (const { number, tenant, entity, id, hash } of hashedRequests) {
      const surrogateId = found.get(hash) ?? assigned.get(hash)!
      surrogateIds[number] = surrogateId
      const cached = (tenant.idsByEntity[entity] ??= new Map<string, number>())
      cached.set(id, surrogateId)
      this.#cachedCount++
    }
    return surrogateIds
  }

  /** Fills in the cached surrogate ids and returns the ids that are not cached. */
  #fillCached({ columns }: EventBlock, distinct: ByteInterner, surrogateIds: Uint32Array): IdRequest[] {
    if (this.#cachedCount > MAX_CACHED_IDS) {
      this.#tenants = new Map()
      this.#cachedCount = 0
    }
    const requests: IdRequest[] = []
    const tenants: TenantSurrogateIds[] = []
    for (let number = 0; number < distinct.size; number++) {
      const scope = distinct.scope(number)
      const symbol = scope >>> 1
      const tenant = (tenants[symbol] ??= this.#tenant(columns.tenant_id.symbols.text(symbol)))
      const entity = COUNTED_ENTITIES[scope & 1]!
      const id = distinct.text(number)
      const cached = tenant.idsByEntity[entity]?.get(id)
      if (cached === undefined) requests.push({ number, tenant, entity, id })
      else surrogateIds[number] = cached
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

function countedIdsOf({ columns }: EventBlock, rows: RowIndexes): CountedIds {
  const { tenant_id, event_type, campaign_id, contact_id, enrollment_id } = columns
  const entities = Array.from({ length: event_type.symbols.size }, (_, symbol) =>
    countedEntityOf(event_type.symbols.text(symbol)),
  )
  const distinct = new ByteInterner()
  const numbers = new Uint32Array(rows.length)
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    const entity = entities[event_type.indexes[row]!]
    if (entity === undefined) continue
    const isContact = entity === 'contact'
    const ids = isContact ? contact_id : enrollment_id
    if (ids.isNull(row) || (isContact && campaign_id.isNull(row))) continue
    const scope = tenant_id.indexes[row]! * 2 + (isContact ? 0 : 1)
    numbers[index] = distinct.intern(ids.bytes, ids.start(row), ids.ends[row]!, scope) + 1
  }
  return { distinct, numbers }
}

/** Which id the events of a type count distinctly: that of the contact only if it belongs to a campaign. */
function countedEntityOf(eventType: string): CountedEntity | undefined {
  if (eventType === 'message_sent') return 'contact'
  return eventType.startsWith('sequence_') ? 'enrollment' : undefined
}

function idHashOf({ tenant, entity, id }: IdRequest): string {
  return entity === 'contact' ? contactHash(tenant.tenantId, id) : enrollmentHash(tenant.tenantId, id)
}
