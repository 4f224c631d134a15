/** The keys and values of the bucket of definitions. */
import { isWellFormedId } from '../../definitions/definition-id.ts'
import { type Definition, DEFINITION_LIMITS, type DefinitionKind } from '../../definitions/ports.ts'
import { tokenOf } from '../tenant-token.ts'

/** A definition without its revision, which the broker gives. */
export type StoredDefinition = Omit<Definition<unknown>, 'revision'>

export interface DefinitionPlace {
  readonly kind: DefinitionKind
  readonly tenantId: string
  readonly id: string
}

const CURRENT = 'current'
const OLDER = 'version'
/** The keys of all current definitions. */
export const CURRENT_KEYS = `${CURRENT}.>`

/** The key of the current version. Throws for an id with other characters than those of ids, which could name other keys. */
export function currentKey(place: DefinitionPlace): string {
  return `${CURRENT}.${pathOf(place)}`
}

/** The key of an older version. */
export function versionKey(place: DefinitionPlace, version: number): string {
  return `${OLDER}.${pathOf(place)}.${version}`
}

/** The keys of a tenant, those of older versions included. */
export function keysOfTenant(tenantId: string): string {
  return `*.*.${tokenOf(tenantId)}.>`
}

function pathOf({ kind, tenantId, id }: DefinitionPlace): string {
  if (!isWellFormedId(id)) throw new TypeError('This is no id of a definition.')
  return `${kind}.${tokenOf(tenantId)}.${id}`
}

/** The kind of a key of a current definition; undefined for any other key. */
export function kindOfKey(key: string): DefinitionKind | undefined {
  const [prefix, kind = ''] = key.split('.')
  return prefix === CURRENT && Object.hasOwn(DEFINITION_LIMITS, kind) ? (kind as DefinitionKind) : undefined
}

export function encodeDefinition(definition: StoredDefinition): string {
  const { tenantId, id, version, createdAt, changedAt, body } = definition
  return JSON.stringify({ tenantId, id, version, createdAt, changedAt, body })
}

/** The definition of a value; undefined when it is not one of its key: others have written it. */
export function decodeDefinition(key: string, value: string): StoredDefinition | undefined {
  const { tenantId, id, version, createdAt, changedAt, body } = parseObject(value)
  if (typeof tenantId !== 'string' || typeof id !== 'string' || typeof body !== 'object' || body === null)
    return undefined
  if (!isCount(version) || !isCount(createdAt) || !isCount(changedAt) || !isWellFormedId(id)) return undefined
  const [, kind = ''] = key.split('.')
  const place = { kind: kind as DefinitionKind, tenantId, id }
  const isOfKey = key === currentKey(place) || key === versionKey(place, version)
  return isOfKey ? { tenantId, id, version, createdAt, changedAt, body } : undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
