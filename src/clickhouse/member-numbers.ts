/**
 * Surrogate ids: dashboards count contacts that campaigns send to and enrollments of sequences distinctly. Each of them has a small integer within its tenant, assigned
 * when it is first stored and never changed, so that a set of them is a small bitmap in a projection. Surrogate ids are stored before the rows that contain them: after
 * a crash in between, the repeated row uses the surrogate id that is already stored.
 */
import { contactHash, enrollmentHash } from '../events/identity.ts'
import type { EventRow } from '../events/row.ts'
import type { Turns } from '../turns.ts'
import type { EventWriter } from './connect.ts'
import { columnsOf } from './column-formats.ts'
import { encodeBlock } from './native-block.ts'

/** Some 15 MB. When it is full it is emptied: what is not remembered is looked up. */
const MAX_REMEMBERED = 100_000
/** A tenant weighs as much as so many members: a map of its own for each kind. */
const TENANT_WEIGHT = 5
/** So many keys are looked up by one statement. */
const MAX_LOOKUP_KEYS = 10_000

const SURROGATE_IDS = {
  table: 'analytics_surrogate_ids',
  columns: columnsOf([
    { name: 'tenant_id', type: 'String' },
    { name: 'id_hash', type: 'UUID' },
    { name: 'surrogate_id', type: 'UInt32' },
  ]),
}

const FIND_NUMBERS = `
  SELECT toString(id_hash) AS member, min(surrogate_id) AS number
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)} AND id_hash IN {keys:Array(UUID)}
  GROUP BY id_hash
  SETTINGS log_comment = 'find_surrogate_ids'`

const FIND_LAST_NUMBERS = `
  SELECT tenant_id, max(surrogate_id) AS number
  FROM analytics_surrogate_ids WHERE tenant_id IN {tenants:Array(String)}
  GROUP BY tenant_id
  SETTINGS log_comment = 'find_last_surrogate_ids'`

type MemberKind = 'contact' | 'enrollment'

/** What is known of a tenant's members. */
interface TenantMembers {
  readonly tenantId: string
  /** By kind, once there are any. */
  readonly numbers: Partial<Record<MemberKind, Map<string, number>>>
  /** The highest number given; undefined when that is not known. */
  lastNumber: number | undefined
}

/** A row's place in its block, and whose number it needs. */
interface Need {
  readonly place: number
  readonly tenant: TenantMembers
  readonly kind: MemberKind
  readonly id: string
}

/** Used by one writer at a time: two would give one number to two members. */
export class MemberNumbers {
  readonly #connection: EventWriter
  readonly #turns: Turns | undefined
  #tenants = new Map<string, TenantMembers>()
  #rememberedCount = 0

  constructor(connection: EventWriter, turns?: Turns) {
    this.#connection = connection
    this.#turns = turns
  }

  /** The number of each row's member, 0 where it has none. New members are stored first. Rejects with a StoreFailure. */
  async numbersOf(rows: readonly EventRow[]): Promise<Uint32Array> {
    const numbers = new Uint32Array(rows.length)
    const needs = this.#fillKnown(rows, numbers)
    if (needs.length === 0) return numbers
    const keyed = needs.map((need) => ({ ...need, key: keyOf(need) }))
    await this.#turns?.give()
    const found = await this.#find(keyed)
    const added = await this.#giveNumbers(keyed.filter(({ key }) => !found.has(key)))
    for (const { place, tenant, kind, id, key } of keyed) {
      numbers[place] = found.get(key) ?? added.get(key)!
      const known = (tenant.numbers[kind] ??= new Map<string, number>())
      if (known.has(id)) continue
      known.set(id, numbers[place])
      this.#rememberedCount++
    }
    return numbers
  }

  /** Another process may have given numbers meanwhile: the highest have to be asked for again. */
  forgetLast(): void {
    for (const tenant of this.#tenants.values()) tenant.lastNumber = undefined
  }

  /** Fills in the numbers that are remembered, and returns what is left. */
  #fillKnown(rows: readonly EventRow[], numbers: Uint32Array): Need[] {
    if (this.#rememberedCount > MAX_REMEMBERED) {
      this.#tenants = new Map()
      this.#rememberedCount = 0
    }
    const needs: Need[] = []
    for (const [place, row] of rows.entries()) {
      const kind = memberKindOf(row)
      if (kind === undefined) continue
      const id = (kind === 'contact' ? row.contact_id : row.enrollment_id)!
      const tenant = this.#tenant(row.tenant_id)
      const known = tenant.numbers[kind]?.get(id)
      if (known === undefined) needs.push({ place, tenant, kind, id })
      else numbers[place] = known
    }
    return needs
  }

  #tenant(tenantId: string): TenantMembers {
    let tenant = this.#tenants.get(tenantId)
    if (!tenant) {
      tenant = { tenantId, numbers: {}, lastNumber: undefined }
      this.#tenants.set(tenantId, tenant)
      this.#rememberedCount += TENANT_WEIGHT
    }
    return tenant
  }

  async #find(members: readonly (Need & { readonly key: string })[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    for (let start = 0; start < members.length; start += MAX_LOOKUP_KEYS) {
      const slice = members.slice(start, start + MAX_LOOKUP_KEYS)
      const rows = await this.#connection.query<{ member: string; number: number }>(FIND_NUMBERS, {
        tenants: [...new Set(slice.map(({ tenant }) => tenant.tenantId))],
        keys: slice.map(({ key }) => key),
      })
      for (const { member, number } of rows) found.set(member, number)
    }
    return found
  }

  /** The numbers of these keys, after they were stored. */
  async #giveNumbers(members: readonly (Need & { readonly key: string })[]): Promise<Map<string, number>> {
    const given = new Map<string, number>()
    if (members.length === 0) return given
    const tenants = new Set(members.map(({ tenant }) => tenant))
    await this.#learnLast([...tenants].filter(({ lastNumber }) => lastNumber === undefined))
    const added: { tenant_id: string; id_hash: string; surrogate_id: number }[] = []
    for (const { tenant, key } of members) {
      if (given.has(key)) continue
      const number = ++tenant.lastNumber!
      given.set(key, number)
      added.push({ tenant_id: tenant.tenantId, id_hash: key, surrogate_id: number })
    }
    try {
      await this.#connection.insert(SURROGATE_IDS, encodeBlock(SURROGATE_IDS.columns, added))
    } catch (error) {
      // Nobody knows whether they are stored now.
      for (const tenant of tenants) tenant.lastNumber = undefined
      throw error
    }
    return given
  }

  async #learnLast(tenants: readonly TenantMembers[]): Promise<void> {
    if (tenants.length === 0) return
    const rows = await this.#connection.query<{ tenant_id: string; number: number }>(FIND_LAST_NUMBERS, {
      tenants: tenants.map(({ tenantId }) => tenantId),
    })
    const last = new Map(rows.map(({ tenant_id, number }) => [tenant_id, number]))
    for (const tenant of tenants) tenant.lastNumber = last.get(tenant.tenantId) ?? 0
  }
}

/** Which id of the row is counted distinctly. */
function memberKindOf({ event_type, campaign_id, contact_id, enrollment_id }: EventRow): MemberKind | undefined {
  if (event_type === 'message_sent') return campaign_id !== null && contact_id !== null ? 'contact' : undefined
  return enrollment_id !== null && event_type.startsWith('sequence_') ? 'enrollment' : undefined
}

function keyOf({ tenant, kind, id }: Need): string {
  return kind === 'contact' ? contactHash(tenant.tenantId, id) : enrollmentHash(tenant.tenantId, id)
}
