/** The table of the versions of the facts of messages. A row is never changed: each insert can only raise the state of a version, in whatever order inserts arrive. */
import { named, UNQUOTED_INTEGERS } from '../../connection/named-statement.ts'
import type { StoreConnection } from '../../connection/store-connection.ts'

/** `deleted`: its rows are dropped. */
export const VERSION_STATES = ['building', 'active', 'retired', 'deleted'] as const
export type VersionState = (typeof VERSION_STATES)[number]

export interface FactsVersion {
  /** `rules` of its rows. */
  readonly number: number
  /** The version of the rules in the program that began it. */
  readonly rulesVersion: number
  /** The text of the configuration of the rules. */
  readonly rulesText: string
  readonly state: VersionState
}

const READ_VERSIONS = named(
  'read_facts_versions',
  `
  SELECT number, tupleElement(min(settings), 'rules_version') AS rulesVersion, tupleElement(min(settings), 'rules') AS rulesText, max(state) AS stateNumber
  FROM analytics_facts_versions GROUP BY number ORDER BY number`,
  UNQUOTED_INTEGERS,
)
const WRITE_VERSION = named(
  'write_facts_version',
  `
  INSERT INTO analytics_facts_versions (number, settings, state)
  SELECT {number:UInt32}, tuple({rulesVersion:UInt32}, {rulesText:String}), {state:UInt32}`,
  'async_insert = 0',
)
const HAS_EVENTS = named('has_events', 'SELECT 1 AS found FROM analytics_events LIMIT 1')

/** All versions, ascending by number. Rejects with a StoreFailure. */
export async function readVersions(connection: StoreConnection): Promise<FactsVersion[]> {
  const rows = await connection.query<Omit<FactsVersion, 'state'> & { readonly stateNumber: number }>(READ_VERSIONS)
  return rows.map(({ stateNumber, ...row }) => ({ ...row, state: VERSION_STATES[stateNumber]! }))
}

/** Records a version, or raises its state; it can be repeated. Rejects with a StoreFailure. */
export async function writeVersion(
  connection: StoreConnection,
  { number, rulesVersion, rulesText, state }: FactsVersion,
): Promise<void> {
  await connection.command(WRITE_VERSION, { number, rulesVersion, rulesText, state: VERSION_STATES.indexOf(state) })
}

/** The version that answers are read from. */
export function activeVersion(versions: readonly FactsVersion[]): FactsVersion | undefined {
  return versions.findLast(({ state }) => state === 'active')
}

/** The versions that have to contain every event: the active one, and a later one that is being built. */
export function liveVersions(versions: readonly FactsVersion[]): readonly FactsVersion[] {
  const active = activeVersion(versions)?.number ?? 0
  const building = versions.findLast(({ number, state }) => state === 'building' && number > active)
  return versions.filter((version) => version.number === active || version === building)
}

/**
 * The versions, of which there is at least one: without any, the first one is begun. It is complete at once when no event is stored. Several processes may do so at the same
 * time. Rejects with a StoreFailure.
 */
export async function ensureFirstVersion(
  connection: StoreConnection,
  rules: Pick<FactsVersion, 'rulesVersion' | 'rulesText'>,
): Promise<FactsVersion[]> {
  const versions = await readVersions(connection)
  if (versions.length > 0) return versions
  const [event] = await connection.query<object>(HAS_EVENTS)
  await writeVersion(connection, { ...rules, number: 1, state: event ? 'building' : 'active' })
  return readVersions(connection)
}
