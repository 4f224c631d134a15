/**
 * API keys in ClickHouse. A key is created once and revoked once; only the hash of its secret is stored.
 */
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { ReadStore, Store, StoreConnection } from '../connection/store-connection.ts'

export interface ApiKeyRecord {
  readonly id: string
  readonly tenantId: string
  /** SHA-256 of the secret, in hexadecimal. */
  readonly secretHash: string
  readonly scopes: readonly string[]
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt: number | undefined
  /** Epoch milliseconds; undefined = not yet. */
  readonly revokedAt: number | undefined
}

/** Every call may reject with a StoreFailure. */
export interface ApiKeyStore {
  /** The keys with these ids that are not revoked, including expired keys. */
  find(ids: readonly string[]): Promise<ApiKeyRecord[]>
  /** All keys, or all keys of a tenant, the newest first. */
  list(tenantId: string | undefined): Promise<ApiKeyRecord[]>
  add(key: Omit<ApiKeyRecord, 'revokedAt'>): Promise<void>
  /** Revokes a key and returns it, also if it was revoked before; undefined when it does not exist. */
  revoke(id: string, at: number): Promise<ApiKeyRecord | undefined>
}

interface ApiKeyRow {
  readonly id: string
  readonly tenant_id: string
  readonly secret_hash: string
  readonly scopes: readonly string[]
  readonly created: number
  readonly expires: number
  readonly revoked: number
}

const READ = `
  SELECT id, tenant_id, secret_hash, scopes, toUnixTimestamp64Milli(created_at) AS created,
    toUnixTimestamp64Milli(expires_at) AS expires, toUnixTimestamp64Milli(revoked_at) AS revoked
  FROM analytics_api_keys FINAL`
const SETTINGS = `max_execution_time = 5, ${UNQUOTED_INTEGERS}`

const FIND = named('find_api_keys', `${READ} WHERE id IN {ids:Array(String)} AND revoked = 0`, SETTINGS)
const READ_ONE = named('read_api_key', `${READ} WHERE id = {id:String}`, SETTINGS)
const LIST = named('list_api_keys', `${READ} ORDER BY created DESC, id`, SETTINGS)
const LIST_OF_TENANT = named(
  'list_api_keys_of_tenant',
  `${READ} WHERE tenant_id = {tenant:String} ORDER BY created DESC, id`,
  SETTINGS,
)
const ADD = named(
  'add_api_key',
  `
  INSERT INTO analytics_api_keys (id, tenant_id, secret_hash, scopes, created_at, expires_at, revoked_at)
  SELECT {id:String}, {tenant:String}, {hash:String}, {scopes:Array(String)}, fromUnixTimestamp64Milli({created:Int64}),
    fromUnixTimestamp64Milli({expires:Int64}), fromUnixTimestamp64Milli(toInt64(0))`,
  'async_insert = 0',
)
const REVOKE = named(
  'revoke_api_key',
  `
  INSERT INTO analytics_api_keys (id, tenant_id, secret_hash, scopes, created_at, expires_at, revoked_at)
  SELECT id, tenant_id, secret_hash, scopes, created_at, expires_at, fromUnixTimestamp64Milli({at:Int64})
  FROM analytics_api_keys FINAL WHERE id = {id:String} AND toUnixTimestamp64Milli(revoked_at) = 0`,
  'async_insert = 0',
)

/** Read-only access to API keys. */
export function createApiKeyFinder({ lookups }: Pick<ReadStore, 'lookups'>): Pick<ApiKeyStore, 'find'> {
  return { find: async (ids) => (await lookups.query<ApiKeyRow>(FIND, { ids })).map(toApiKeyRecord) }
}

/** Reads use the connection for lookups, so that authentication never waits for dashboard queries. */
export function createApiKeyStore({ lookups, writer }: Pick<Store, 'lookups' | 'writer'>): ApiKeyStore {
  const readOne = async (connection: StoreConnection, id: string) => {
    const [row] = await connection.query<ApiKeyRow>(READ_ONE, { id })
    return row && toApiKeyRecord(row)
  }
  return {
    ...createApiKeyFinder({ lookups }),
    list: async (tenantId) =>
      (
        await (tenantId === undefined
          ? lookups.query<ApiKeyRow>(LIST)
          : lookups.query<ApiKeyRow>(LIST_OF_TENANT, { tenant: tenantId }))
      ).map(toApiKeyRecord),
    async add({ id, tenantId, secretHash, scopes, createdAt, expiresAt }) {
      const values = { id, tenant: tenantId, hash: secretHash, scopes, created: createdAt, expires: expiresAt ?? 0 }
      await writer.command(ADD, values)
    },
    async revoke(id, at) {
      await writer.command(REVOKE, { id, at })
      return readOne(writer, id)
    },
  }
}

function toApiKeyRecord({ id, tenant_id, secret_hash, scopes, created, expires, revoked }: ApiKeyRow): ApiKeyRecord {
  return {
    id,
    tenantId: tenant_id,
    secretHash: secret_hash,
    scopes,
    createdAt: created,
    expiresAt: expires || undefined,
    revokedAt: revoked || undefined,
  }
}
