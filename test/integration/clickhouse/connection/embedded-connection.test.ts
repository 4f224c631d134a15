import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createClient } from '@clickhouse/client'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

/** Produces rows before it fails; the engine keeps these rows. */
const FAILS_MIDWAY = 'SELECT number, throwIf(number = 50000) FROM numbers(100000) SETTINGS max_block_size = 1000'

// The embedded engine returns the rows of a failed query at the beginning of the next result on the same connection, which may belong to another tenant.
describe('a query that fails after some rows', () => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('embedded_connection')
    await opened.store.admin.command('CREATE DATABASE IF NOT EXISTS embedded_connection')
  })
  afterAll(() => opened.close())

  test('leaves no rows in the next result', async () => {
    const [reader] = opened.store.readers
    expect(await reader!.query(FAILS_MIDWAY).catch((error: { engineCode: number }) => error.engineCode)).toBe(395)
    expect(await reader!.query<{ x: number }>('SELECT 1 AS x')).toEqual([{ x: 1 }])
  })

  test('control: without a new connection, its rows appear in the next result', async () => {
    const { createChdbConnection } = await import('chdb/connection')
    const connection = createChdbConnection({ path: opened.path })
    const client = createClient({ connection, log: { level: 127 } } as unknown as Parameters<typeof createClient>[0])
    const ask = async (query: string) => (await client.query({ query, format: 'JSONEachRow' })).json()
    expect(await ask(FAILS_MIDWAY).catch((error: { code: string }) => error.code)).toBe('395')
    expect((await ask('SELECT 1 AS x')).length).toBeGreaterThan(1)
    await client.close()
  })
})
