import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createClient } from '@clickhouse/client'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

/** Makes rows for a while, then fails: the engine keeps what it has made. */
const FAILS_MIDWAY = 'SELECT number, throwIf(number = 50000) FROM numbers(100000) SETTINGS max_block_size = 1000'

// A dashboard query that ran into its time limit left its rows on the embedded engine's connection, and the next query on it,
// another tenant's, was answered with them in front.
describe('a query that fails midway', () => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('embedded_connection')
    await opened.store.admin.command('CREATE DATABASE IF NOT EXISTS embedded_connection')
  })
  afterAll(() => opened.close())

  test('leaves nothing behind for the next one on the connection', async () => {
    const [reader] = opened.store.readers
    expect(await reader!.query(FAILS_MIDWAY).catch((error: { engineCode: number }) => error.engineCode)).toBe(395)
    expect(await reader!.query<{ x: number }>('SELECT 1 AS x')).toEqual([{ x: 1 }])
  })

  test('control: on one kept connection, its rows come with the next answer', async () => {
    const { createChdbConnection } = await import('chdb/connection')
    const connection = createChdbConnection({ path: opened.path })
    const client = createClient({ connection, log: { level: 127 } } as unknown as Parameters<typeof createClient>[0])
    const ask = async (query: string) => (await client.query({ query, format: 'JSONEachRow' })).json()
    expect(await ask(FAILS_MIDWAY).catch((error: { code: string }) => error.code)).toBe('395')
    expect((await ask('SELECT 1 AS x')).length).toBeGreaterThan(1)
    await client.close()
  })
})
