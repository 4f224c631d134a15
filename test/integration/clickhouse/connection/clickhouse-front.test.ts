/**
 * The HTTP front that other tests put in a server's place is itself held to a server's behaviour here: same answers as
 * the engine in process, nothing carried from one request to the next, and faults that do what they say.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { askRows, connectTo, failureOf } from '../../../support/clickhouse-front/client.ts'
import { collectAnswers, collectInProcess, HARD_TEXTS } from '../../../support/clickhouse-front/scenario.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { pause, until } from '../../../support/process/until.ts'

// Starting an engine takes a second, and more on a busy machine.
setDefaultTimeout(30_000)

let front: ClickHouseFront
let client: ClickHouseClient

const rows = (query: string, query_params: Record<string, unknown> = {}, from = client) =>
  askRows(from, query, query_params)

const post = (search: Record<string, string>, body?: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${front.url}/?${new URLSearchParams(search)}`, {
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  })

/** Waits for a state that another request brings about. */
async function eventually(query: string, wanted: unknown[], from = client): Promise<void> {
  await until(async () => Bun.deepEquals(await rows(query, {}, from), wanted), 10_000, query)
}

beforeAll(async () => {
  front = await startClickHouseFront()
  client = connectTo(front.url)
  await client.command({ query: 'CREATE TABLE events (id UInt64, text String) ENGINE = MergeTree ORDER BY id' })
})

afterAll(async () => {
  await client.close()
  await front.stop()
})

describe('the same client over HTTP and in process', () => {
  test('gets the same results, rows and error codes', async () => {
    const [overHttp, inProcess] = await Promise.all([collectAnswers(client), collectInProcess()])
    expect(overHttp).toEqual(inProcess)
    expect(overHttp.texts).toEqual(HARD_TEXTS.map((text) => [text, Buffer.from(text).toString('hex').toUpperCase()]))
    expect(overHttp.int64).toEqual([['9223372036854775807']])
    expect(overHttp.dateTime).toEqual([['2026-01-27 10:15:30.123']])
    expect(overHttp.unknownTable).toEqual({ code: '60', type: 'UNKNOWN_TABLE' })
    expect(overHttp.countAfterBadRow).toEqual([[String(2 * HARD_TEXTS.length + 2)]])
  })

  test('binds parameters of multipart parts exactly, and refuses those that are longer than a server allows', async () => {
    const multipart = connectTo(front.url, { use_multipart_params: true })
    const texts = [...HARD_TEXTS.filter((text) => !text.includes('\0')), 'long '.repeat(20_000)]
    for (const text of texts) expect(await rows('SELECT {text:String}', { text }, multipart)).toEqual([[text]])
    expect(await rows('SELECT {texts:Array(String)}', { texts }, multipart)).toEqual([[texts]])
    const tooLong = rows('SELECT {text:String}', { text: 'x'.repeat(131_073) }, multipart)
    expect(await tooLong.catch((error: { code: string }) => error.code)).toBe('1000')
    await multipart.close()
  })
})

describe('one request', () => {
  test('is answered with the exception code, name and status a server gives', async () => {
    const attempts = [
      [await post({ query: 'SELECT 1 FROM nowhere' }), 404, 60, 'UNKNOWN_TABLE'],
      [await post({ database: 'nowhere' }, 'SELECT 1'), 404, 81, 'UNKNOWN_DATABASE'],
      [await post({ nothing: '1' }, 'SELECT 1'), 404, 115, 'UNKNOWN_SETTING'],
      [await post({}, 'SELEC 1'), 400, 62, 'SYNTAX_ERROR'],
      [await post({}, 'SELECT 1; SELECT 2'), 400, 62, 'SYNTAX_ERROR'],
      [await post({}, ' -- nothing'), 400, 62, 'SYNTAX_ERROR'],
      [await post({}, 'SELECT throwIf(1)'), 500, 395, 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
      [await fetch(`${front.url}/?query=TRUNCATE+TABLE+events`), 500, 164, 'READONLY'],
    ] as const
    for (const [response, status, code, type] of attempts) {
      expect(response.headers.get('x-clickhouse-exception-code')).toBe(String(code))
      expect(response.status).toBe(status)
      expect(await response.text()).toMatch(
        new RegExp(`^Code: ${code}\\. DB::Exception: .*\\(${type}\\) \\(version .*\\)\n$`, 's'),
      )
    }
  })

  test('returns its id, format, time zone and what it wrote', async () => {
    const response = await post({ query_id: 'my-id', default_format: 'CSV' }, 'SELECT 1')
    expect(await response.text()).toBe('1\n')
    expect(response.headers.get('x-clickhouse-query-id')).toBe('my-id')
    expect(response.headers.get('x-clickhouse-format')).toBe('CSV')
    expect(response.headers.get('x-clickhouse-timezone')).toContain('UTC')
    const written = await client.insert({ table: 'events', values: [{ id: 1 }, { id: 2 }], format: 'JSONEachRow' })
    expect(written.summary).toMatchObject({ written_rows: '2' })
  })

  test('passes no setting, parameter, database or SET to another', async () => {
    await client.command({ query: 'CREATE DATABASE IF NOT EXISTS other' })
    const other = connectTo(front.url, { database: 'other', clickhouse_settings: { max_block_size: '77' } })
    const query = `SELECT currentDatabase(), toString(getSetting('max_block_size'))`
    const [unchanged] = await rows(query)
    expect(await rows(`${query}, {p:String}`, { p: 'x' }, other)).toEqual([['other', '77', 'x']])
    await client.command({ query: 'SET max_block_size = 5' })
    expect(await rows(query)).toEqual([unchanged])
    expect(await failureOf(rows('SELECT {p:String}'))).toMatchObject({ code: '456' })
    await other.close()
  })

  test('never gets rows of another that failed midway', async () => {
    const midway = `SELECT number, throwIf(number = 300000) FROM numbers(1000000) SETTINGS max_block_size = 1000, max_threads = 1`
    for (let i = 0; i < 5; i++) {
      expect(await failureOf(rows(midway))).toMatchObject({ code: '395' })
      expect(await rows(`SELECT 'mine'`)).toEqual([['mine']])
    }
  })

  test('keeps its own parameters and settings among many concurrent ones', async () => {
    const ask = async (n: number) => {
      const query = `SELECT {n:UInt32}, toUInt32(getSetting('max_block_size')), sleep(0.01)`
      const clickhouse_settings = { max_block_size: String(1000 + n) }
      const result = await client.query({
        query,
        query_params: { n },
        clickhouse_settings,
        format: 'JSONCompactEachRow',
      })
      return result.json()
    }
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((n) => [[n, 1000 + n, 0]]))
  })

  test('is compressed in both directions when the client requests it', async () => {
    const zipped = connectTo(front.url, { compression: { request: true, response: true } })
    await zipped.insert({ table: 'events', values: [{ id: 10, text: 'zipped' }], format: 'JSONEachRow' })
    expect(await rows('SELECT text FROM events WHERE id = 10', {}, zipped)).toEqual([['zipped']])
    const response = await post({ enable_http_compression: '1' }, 'SELECT 1', { 'accept-encoding': 'gzip' })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    await zipped.close()
  })

  test('inserts binary blocks byte for byte, and reads no statement into data', async () => {
    await client.command({ query: 'CREATE TABLE blocks (id UInt64, text String) ENGINE = MergeTree ORDER BY id' })
    const block = `SELECT number AS id, concat(char(0, 10, 10, 255), '; DROP TABLE blocks', toString(number)) AS text FROM numbers(5000)`
    for (const format of ['Native', 'RowBinary']) {
      const bytes = await (await post({}, `${block} FORMAT ${format}`)).bytes()
      const query = `INSERT INTO blocks (id, text) SETTINGS async_insert = 0 FORMAT ${format}`
      const { stream } = await client.exec({ query, values: Readable.from([Buffer.from(bytes)]) })
      stream.destroy()
    }
    await post({ query: 'INSERT INTO blocks FORMAT JSONEachRow' }, '{"id":1}\n\n{"id":2}\n\nDROP TABLE blocks')
    expect(await rows('SELECT count() FROM blocks')).toEqual([[10000]])
    await post({}, 'INSERT INTO events FORMAT JSONEachRow\n{"id":60}\n\n{"id":61}\n')
    expect(await rows('SELECT id FROM events WHERE id IN (60, 61)')).toHaveLength(2)
    const hashed = `SELECT count(), hex(max(sipHash128(id, text))), uniqExact(id, text) FROM`
    const [[, highest]] = (await rows(`${hashed} (${block})`)) as [[number, string]]
    expect(await rows(`${hashed} blocks`)).toEqual([[10000, highest, 5000]])
  })

  test('is not applied when its body is incomplete', async () => {
    const url = new URL(front.url)
    const socket = connect(Number(url.port), url.hostname)
    const query = encodeURIComponent('INSERT INTO events FORMAT JSONEachRow')
    socket.write(`POST /?query=${query} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"id":20}\n`)
    await pause(50)
    socket.destroy()
    await rows('SELECT 1')
    expect(await rows('SELECT id FROM events WHERE id = 20')).toEqual([])
  })

  test('can be killed by its id, and KILL … SYNC returns after its end', async () => {
    const slow = client.command({
      query: 'SELECT sleepEachRow(0.05) FROM numbers(2000) SETTINGS max_block_size = 1',
      query_id: 'slow',
    })
    const failed = slow.then(
      () => undefined,
      (error: unknown) => error,
    )
    const listed = `SELECT query_id FROM system.processes WHERE query_id = 'slow'`
    await eventually(listed, [['slow']])
    expect(await rows('KILL QUERY WHERE query_id = {id:String} SYNC', { id: 'slow' })).toHaveLength(1)
    expect(await rows(listed)).toEqual([])
    expect(await failed).toMatchObject({ code: '394' })
  })
})

describe('a fault switch', () => {
  const insert = (id: number, by = client) => by.insert({ table: 'events', values: [{ id }], format: 'JSONEachRow' })
  const count = (id: number) => `SELECT count() FROM events WHERE id = ${id}`

  test('fails the next matching requests as configured, then no more', async () => {
    await front.fault({ match: '^insert into events', times: 2, fail: { status: 500, code: 252 } })
    expect(await rows('SELECT 1')).toEqual([[1]])
    for (let i = 0; i < 2; i++) expect(await failureOf(insert(30))).toMatchObject({ code: '252' })
    await insert(30)
    expect(await rows(count(30))).toEqual([[1]])
    expect(await front.clearFaults()).toMatchObject([{ hits: 2 }])
    await front.fault({ fail: { status: 502, body: '<html>Bad gateway</html>' } })
    expect(await failureOf(rows('SELECT 1'))).toMatchObject({ message: expect.stringContaining('Bad gateway') })
    await front.fault({ match: 'PING', fail: { status: 503 } })
    expect(await client.ping()).toMatchObject({ success: false })
    expect(await client.ping()).toEqual({ success: true })
  })

  test('cuts the connection before a statement is applied, or after', async () => {
    await front.fault({ match: 'INSERT', drop: true }, { match: 'INSERT', at: 'after', drop: true })
    expect(await failureOf(insert(40))).toBeInstanceOf(Error)
    expect(await rows(count(40))).toEqual([[0]])
    expect(await failureOf(insert(40))).toBeInstanceOf(Error)
    expect(await rows(count(40))).toEqual([[1]])
  })

  test('delays a statement past the time the client waits, and applies it all the same', async () => {
    const hasty = connectTo(front.url, { request_timeout: 100 })
    await front.fault({ match: 'INSERT', delayMs: 400 })
    expect(await failureOf(insert(50, hasty))).toMatchObject({ message: expect.stringContaining('Timeout') })
    await eventually(count(50), [[1]])
    await hasty.close()
  })
})

describe('the process', () => {
  test('keeps what it acknowledged through kill -9, and exits 0 on SIGTERM after the requests in flight', async () => {
    const path = mkdtempSync(join(tmpdir(), 'clickhouse-front-'))
    const first = await startClickHouseFront({ path })
    const before = connectTo(first.url)
    await before.command({ query: 'CREATE TABLE kept (id UInt64) ENGINE = MergeTree ORDER BY id' })
    await before.insert({ table: 'kept', values: [{ id: 1 }], format: 'JSONEachRow' })
    await first.kill()
    await before.close()

    const second = await startClickHouseFront({ path, user: 'analytics', password: 'p:w' })
    const refused = connectTo(second.url)
    expect(await failureOf(rows('SELECT 1', {}, refused))).toMatchObject({ code: '516' })
    const after = connectTo(second.url, { username: 'analytics', password: 'p:w' })
    const running = rows('SELECT id, sleep(1) FROM kept', {}, after)
    await eventually(`SELECT count() FROM system.processes WHERE query LIKE '%sleep(1)%'`, [[2]], after)
    expect(await second.stop()).toBe(0)
    expect(await running).toEqual([[1, 0]])
    expect(existsSync(path)).toBe(true)
    rmSync(path, { recursive: true, force: true })
    await Promise.all([refused.close(), after.close()])
  })
})
