/**
 * Members: the contacts that campaigns send to and the enrollments of sequences, which dashboards count distinctly. Each has a number within its tenant, given when it
 * is first stored and never changed, so that a set of them is a small bitmap in a projection. Numbers are stored before the rows that name them: a crash in between
 * leaves a number that is used when the row comes again.
 */
import { contactKey, enrollmentKey } from '../../events/identity.ts'
import type { EventRow } from '../../events/event-row.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { type BlockColumn, encodeBlock, stringColumn, uint32Column, uuidColumn } from './native-block.ts'

/** Some 15 MB. When it is full it is emptied: what is not remembered is looked up. */
const MAX_CACHED_IDS = 100_000
/** A tenant weighs as much as so many members: a map of its own for each kind. */
const TENANT_CACHE_WEIGHT = 5
/** So many keys are looked up by one statement. */
const MAX_LOOKUP_KEYS = 10_000

interface SurrogateIdRow {
  readonly tenantId: string
  readonly key: string
  readonly number: number
}

const SURROGATE_IDS_TARGET = {
  table: 'analytics_members',
  columns: [
    stringColumn<SurrogateIdRow>('tenant_id', (member) => member.tenantId),
    uuidColumn<SurrogateIdRow>('member_key', (member) => member.key),
    uint32Column<SurrogateIdRow>('number', (member) => member.number),
  ] satisfies BlockColumn<SurrogateIdRow>[],
}

const FIND_SURROGATE_IDS = `
  SELECT toString(member_key) AS member, min(number) AS number
  FROM analytics_members WHERE tenant_id IN {tenants:Array(String)} AND member_key IN {keys:Array(UUID)}
  GROUP BY member_key
  SETTINGS log_comment = 'find_member_numbers'`

const FIND_HIGHEST_SURROGATE_IDS = `
  SELECT tenant_id, max(number) AS number
  FROM analytics_members WHERE tenant_id IN {tenants:Array(String)}
  GROUP BY tenant_id
  SETTINGS log_comment = 'find_last_member_numbers'`

type CountedEntity = 'contact' | 'enrollment'

/** What is known of a tenant's members. */
interface TenantSurrogateIds {
  readonly tenantId: string
  /** By kind, once there are any. */
  readonly idsByEntity: Partial<Record<CountedEntity, Map<string, number>>>
  /** The highest number given; undefined when that is not known. */
  highestId: number | undefined
}

/** A row's place in its block, and whose number it needs. */
interface IdRequest {
  readonly rowIndex: number
  readonly tenant: TenantSurrogateIds
  readonly entity: CountedEntity
  readonly id: string
}

/** Used by one writer at a time: two would give one number to two members. */
export class SurrogateIds {
  readonly #connection: EventWriter
  readonly #yielder: EventLoopYielder | undefined
  #tenants = new Map<string, TenantSurrogateIds>()
  #cachedCount = 0

  constructor(connection: EventWriter, yielder?: EventLoopYielder) {
    this.#connection = connection
    this.#yielder = yielder
  }

  /** The number of each row's member, 0 where it has none. New members are stored first. Rejects with a StoreFailure. */
  async idsOf(rows: readonly EventRow[]): Promise<Uint32Array> {
    const ids = new Uint32Array(rows.length)
    const requests = this.#fillCached(rows, ids)
    if (requests.length === 0) return ids
    const keyedRequests = requests.map((need) => ({ ...need, key: entityKeyOf(need) }))
    await this.#yielder?.yieldIfBusy()
    const found = await this.#findStored(keyedRequests)
    const added = await this.#assignIds(keyedRequests.filter(({ key }) => !found.has(key)))
    for (const { rowIndex, tenant, entity, id, key } of keyedRequests) {
      ids[rowIndex] = found.get(key) ?? added.get(key)!
      const cached = (tenant.idsByEntity[entity] ??= new Map<string, number>())
      if (cached.has(id)) continue
      cached.set(id, ids[rowIndex])
      this.#cachedCount++
    }
    return ids
  }

  /** Another process may have given numbers meanwhile: the highest have to be asked for again. */
  forgetHighest(): void {
    for (const tenant of this.#tenants.values()) tenant.highestId = undefined
  }

  /** Fills in the numbers that are remembered, and returns what is left. */
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

  async #findStored(requests: readonly (IdRequest & { readonly key: string })[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (let start = 0; start < requests.length; start += MAX_LOOKUP_KEYS) {
      const slice = requests.slice(start, start + MAX_LOOKUP_KEYS)
      const rows = await this.#connection.query<{ member: string; number: number }>(FIND_SURROGATE_IDS, {
        tenants: [...new Set(slice.map(({ tenant }) => tenant.tenantId))],
        keys: slice.map(({ key }) => key),
      })
      for (const { member, number } of rows) found.set(member, number)
    }
    return found
  }

  /** The numbers of these keys, after they were stored. */
  async #assignIds(requests: readonly (IdRequest & { readonly key: string })[]): Promise<Map<string, number>> {
    const assigned = new Map<string, number>()
    if (requests.length === 0) return assigned
    const tenants = new Set(requests.map(({ tenant }) => tenant))
    await this.#loadHighest([...tenants].filter(({ highestId }) => highestId === undefined))
    const added: SurrogateIdRow[] = []
    for (const { tenant, key } of requests) {
      if (assigned.has(key)) continue
      const number = ++tenant.highestId!
      assigned.set(key, number)
      added.push({ tenantId: tenant.tenantId, key, number })
    }
    try {
      await this.#connection.insert(SURROGATE_IDS_TARGET, encodeBlock(SURROGATE_IDS_TARGET.columns, added))
    } catch (error) {
      // Nobody knows whether they are stored now.
      for (const tenant of tenants) tenant.highestId = undefined
      throw error
    }
    return assigned
  }

  async #loadHighest(tenants: readonly TenantSurrogateIds[]): Promise<void> {
    if (tenants.length === 0) return
    const rows = await this.#connection.query<{ tenant_id: string; number: number }>(FIND_HIGHEST_SURROGATE_IDS, {
      tenants: tenants.map(({ tenantId }) => tenantId),
    })
    const highest = new Map(rows.map(({ tenant_id, number }) => [tenant_id, number]))
    for (const tenant of tenants) tenant.highestId = highest.get(tenant.tenantId) ?? 0
  }
}

/** Which of a row's ids is counted distinctly. The migration that numbers older rows says the same in SQL. */
function countedEntityOf({ event_type, campaign_id, contact_id, enrollment_id }: EventRow): CountedEntity | undefined {
  if (event_type === 'message_sent') return campaign_id !== null && contact_id !== null ? 'contact' : undefined
  return enrollment_id !== null && event_type.startsWith('sequence_') ? 'enrollment' : undefined
}

function entityKeyOf({ tenant, entity, id }: IdRequest): string {
  return entity === 'contact' ? contactKey(tenant.tenantId, id) : enrollmentKey(tenant.tenantId, id)
}
