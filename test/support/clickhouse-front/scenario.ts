/**
 * The same queries over both connections to the engine: over HTTP, and in this process when run as a program
 * (`bun scenario.ts <data directory>`, results as JSON on stdout). It is a separate process, because a process can open
 * one data directory only.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'

/** Texts that expose incorrect quoting between the client and the engine. */
export const HARD_TEXTS = [
  '',
  "it's",
  "'; DROP TABLE x; --",
  'back\\slash \\\\ \\n \\N \\',
  'nul\0inside',
  'line\nbreak\r\nand\ttab',
  'blank\n\nline; SELECT 1',
  '{name:String} {}',
  '"quoted" `ticked`',
  'emoji 👩‍👩‍👧 ünïcödé العربية',
  '%41+&=?#',
  '\b\f\v\x1b',
]

const UUIDS = ['2f1c4f1e-6f5a-5b1c-9d6e-0a1b2c3d4e5f', 'ffffffff-ffff-5fff-bfff-ffffffffffff']

export async function collectAnswers(client: ClickHouseClient): Promise<Record<string, unknown>> {
  const rows = async (query: string, query_params: Record<string, unknown> = {}) => {
    const result = await client.query({ query, query_params, format: 'JSONCompactEachRow' })
    return result.json()
  }
  const failure = async (attempt: () => Promise<unknown>) => {
    try {
      await attempt()
    } catch (error) {
      // Not by `instanceof`, because the embedded connection throws a class of another copy of the client's library.
      if (error instanceof Error && 'code' in error && 'type' in error) return { code: error.code, type: error.type }
      throw error
    }
    return 'no failure'
  }

  const answers: Record<string, unknown> = {}
  answers.texts = []
  for (const text of HARD_TEXTS) {
    ;(answers.texts as unknown[]).push(...(await rows('SELECT {text:String} AS v, hex(v)', { text })))
  }
  answers.textArray = await rows('SELECT {texts:Array(String)}', { texts: HARD_TEXTS.filter((t) => !t.includes('\0')) })
  answers.uuids = await rows('SELECT {ids:Array(UUID)}', { ids: UUIDS })
  answers.int64 = await rows('SELECT toString({n:Int64})', { n: 9223372036854775807n })
  answers.dateTime = await rows('SELECT toString({at:DateTime64(3)})', { at: '2026-01-27 10:15:30.123' })
  answers.nulls = await rows('SELECT {a:Nullable(String)}, {b:Nullable(Int64)}', { a: null, b: null })
  answers.identifier = await rows('SELECT {column:Identifier} FROM system.{table:Identifier} LIMIT 1', {
    column: 'number',
    table: 'numbers',
  })

  await client.command({
    query: `CREATE TABLE items (id UInt64, text String, marked String DEFAULT concat(text, '!')) ENGINE = MergeTree ORDER BY id`,
  })
  const values = HARD_TEXTS.map((text, id) => ({ id, text }))
  await client.insert({ table: 'items', columns: ['id', 'text'], values, format: 'JSONEachRow' })
  await client.insert({
    table: 'items',
    columns: ['id', 'text'],
    values: HARD_TEXTS.map((text, id) => [100 + id, text]),
    format: 'JSONCompactEachRow',
  })
  await client.command({ query: `INSERT INTO items (id, text) VALUES (900, 'a;b'), (901, 'it''s')` })
  answers.inserted = await rows('SELECT id, text, marked FROM items ORDER BY id')

  answers.unknownTable = await failure(() => rows('SELECT 1 FROM nowhere'))
  answers.unknownColumn = await failure(() => rows('SELECT nothing FROM items'))
  answers.syntaxError = await failure(() => rows('SELEC 1'))
  answers.unknownFunction = await failure(() => rows('SELECT noSuchFunction(1)'))
  answers.missingParameter = await failure(() => rows('SELECT {missing:String}'))
  answers.badParameter = await failure(() => rows('SELECT {n:Int64}', { n: 'x' }))
  answers.existingTable = await failure(() =>
    client.command({ query: 'CREATE TABLE items (id UInt64) ENGINE = Memory' }),
  )
  answers.unknownSetting = await failure(() => rows('SELECT 1 SETTINGS nothing = 1'))
  answers.timeout = await failure(() =>
    rows('SELECT sum(sleepEachRow(0.1)) FROM numbers(30) SETTINGS max_execution_time = 0.2, max_block_size = 1'),
  )
  answers.badRow = await failure(() =>
    client.insert({ table: 'items', values: [{ id: 'x', text: 'y' }], format: 'JSONEachRow' }),
  )
  answers.countAfterBadRow = await rows('SELECT toString(count()) FROM items')
  return answers
}

/** The results of the in-process engine, from a child process. */
export async function collectInProcess(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'clickhouse-scenario-'))
  const child = Bun.spawn([process.execPath, import.meta.path, directory], { stderr: 'inherit' })
  const answers = (await new Response(child.stdout).json()) as Record<string, unknown>
  await child.exited
  rmSync(directory, { recursive: true, force: true })
  return answers
}

if (import.meta.main) {
  const path = process.argv[2]
  if (path === undefined) throw new Error('Give the data directory')
  const connection = createChdbConnection({ path })
  // The same contract, but from another copy of the client's types.
  const client = createClient({
    connection: connection as unknown as NonNullable<ClickHouseClientConfigOptions['connection']>,
  })
  console.log(JSON.stringify(await collectAnswers(client)))
  await client.close()
}
