import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

/** It would take hours. */
const ENDLESS = 'SELECT count() AS n FROM numbers(100000000000000) WHERE sipHash64(number) = 1'
const QUERY_WAS_CANCELLED = 394

describe('a query of the embedded engine whose signal is aborted', () => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('cancelled_query')
    await opened.store.admin.command('CREATE DATABASE IF NOT EXISTS cancelled_query')
  })
  afterAll(() => opened.close())

  const runningCount = async () => {
    const sql = `SELECT count() AS n FROM system.processes WHERE position(query, concat('numbers(', '100000000000000)')) > 0`
    return (await opened.store.admin.query<{ n: number | string }>(sql)).map(({ n }) => Number(n))[0]!
  }

  test('is ended by the engine, and its connection goes on', async () => {
    const [reader] = opened.store.readers
    const controller = new AbortController()
    const ended = reader!
      .query(ENDLESS, {}, controller.signal)
      .catch((error: { engineCode: number }) => error.engineCode)
    while ((await runningCount()) === 0);
    controller.abort()
    expect(await ended).toBe(QUERY_WAS_CANCELLED)
    expect(await runningCount()).toBe(0)
    expect(await reader!.query<{ x: number }>('SELECT 1 AS x')).toEqual([{ x: 1 }])
  }, 60_000)
})
