import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { type ApiKeyStore, createApiKeyStore } from '../../../../src/clickhouse/access/api-key-store.ts'
import type { Clock } from '../../../../src/base/clock.ts'
import { runApiKeyCommand } from '../../../../src/cli/store/key-request.ts'
import { migrated, STORE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { ManualClock } from '../../../support/base/manual-clock.ts'

const NOW = Date.UTC(2026, 0, 27, 10, 15, 30, 123)

interface Line {
  readonly id: string
  readonly key: string
  readonly revokedAt: string | null
}

describe.each(STORE_PATHS)('API keys on the %s', (_, openStore) => {
  let opened: TestStore
  let store: ApiKeyStore
  const clock: Clock = new ManualClock(NOW)
  beforeAll(async () => {
    opened = await openStore('api_keys_test')
    await migrated(opened)
    store = createApiKeyStore(opened.store)
  }, 60_000)
  afterAll(() => opened.close(), 30_000)

  const create = async (tenantId: string, validForMs?: number) => {
    const scopes = ['analytics:read', 'analytics:export'] as const
    const [line] = await runApiKeyCommand({ action: 'create', tenantId, scopes, validForMs }, store, clock)
    return line as Line
  }
  const list = async (tenantId?: string) =>
    (await runApiKeyCommand({ action: 'list', tenantId }, store, clock)) as readonly Line[]

  test('are stored with the hash of their secret, not with the secret', async () => {
    const { id, key } = await create('stored')
    const rows = await opened.store.writer.query<object>(
      'SELECT * FROM analytics_api_keys WHERE tenant_id = {t:String}',
      {
        t: 'stored',
      },
    )
    const secret = key.split('_')[2]!
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(secret)
    expect(rows[0]).toMatchObject({ id, secret_hash: createHash('sha256').update(secret).digest('hex') })
  })

  test('are found as they were created, to the millisecond', async () => {
    const { id } = await create('found', 3_600_000)
    expect(await store.find([id, '0'.repeat(16), "'; --"])).toEqual([
      {
        id,
        tenantId: 'found',
        secretHash: expect.any(String),
        scopes: ['analytics:read', 'analytics:export'],
        createdAt: NOW,
        expiresAt: NOW + 3_600_000,
        revokedAt: undefined,
      },
    ])
    const [forever] = await store.find([(await create('found')).id])
    expect(forever?.expiresAt).toBeUndefined()
  })

  test('are listed for one tenant or for all, without secret and hash', async () => {
    const made = [await create('listed-a'), await create('listed-b', 3_600_000)]
    expect(await list('listed-b')).toEqual([
      {
        id: made[1]!.id,
        tenantId: 'listed-b',
        scopes: ['analytics:read', 'analytics:export'],
        createdAt: '2026-01-27T10:15:30.123Z',
        expiresAt: '2026-01-27T11:15:30.123Z',
        revokedAt: null,
      },
    ] as unknown as Line[])
    const all = await list()
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(made.map(({ id }) => id)))
    for (const { key } of made) {
      const secret = key.split('_')[2]!
      expect(JSON.stringify(all)).not.toContain(secret)
      expect(JSON.stringify(all)).not.toContain(createHash('sha256').update(secret).digest('hex'))
    }
  })

  test('are not found after revocation but stay in the list; a second revocation changes nothing', async () => {
    const [gone, other] = [await create('revoked'), await create('revoked')]
    await store.revoke(gone.id, NOW + 1_000)
    expect((await store.revoke(gone.id, NOW + 9_000))?.revokedAt).toBe(NOW + 1_000)
    await opened.store.writer.command('OPTIMIZE TABLE analytics_api_keys FINAL')
    expect((await store.find([gone.id, other.id])).map(({ id }) => id)).toEqual([other.id])
    const revoked = Object.fromEntries((await list('revoked')).map(({ id, revokedAt }) => [id, revokedAt]))
    expect(revoked).toEqual({ [gone.id]: '2026-01-27T10:15:31.123Z', [other.id]: null })
  })

  test('that do not exist cannot be revoked', async () => {
    const attempt = runApiKeyCommand({ action: 'revoke', id: 'f'.repeat(16) }, store, clock)
    expect(await attempt.then(String, String)).toContain('There is no key')
  })
})
