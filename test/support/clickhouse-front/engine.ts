import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drainPending, Session } from 'chdb'
import { type Answer, type Run, toAnswer } from './answer.ts'
import { ClickHouseFailure, readEngineError } from './exceptions.ts'
import { killQueries, withClientQueryIds } from './kill.ts'
import { type StatementShape, literal, readStatement } from './sql-text.ts'

/** One statement of an HTTP request. `text` is bytes, because an INSERT's data may follow the SQL in any format. */
export interface Statement {
  readonly text: Buffer
  /** The body of the request when the SQL is in the URL. */
  readonly body: Buffer
  readonly queryId: string
  readonly database: string | undefined
  readonly settings: readonly (readonly [string, string])[]
  /** `[name, value]` with the value in ClickHouse's escaped text form, as in the HTTP interface. */
  readonly parameters: readonly (readonly [string, string])[]
  readonly defaultFormat: string
  readonly readOnly: boolean
}

/**
 * The embedded engine on one data directory, with the isolation of a server: **every statement gets its own connection**
 * (about 1.5 ms), because settings, parameters and `USE` persist on an embedded connection. One connection stays
 * open, so that the engine is not shut down between statements.
 */
export class Engine {
  readonly version: string
  readonly timezone: string
  readonly #path: string
  readonly #keeper: Session
  readonly #spool: string
  readonly #inFlight = new Map<string, Promise<unknown>>()
  #free: number
  readonly #waiting: (() => void)[] = []
  #spooled = 0

  /** `spool` is an existing directory for the data of inserts; `concurrency` is the number of concurrent statements. */
  constructor(path: string, concurrency: number, spool: string, config?: string) {
    this.#path = path
    this.#free = concurrency
    this.#keeper = new Session(path, config === undefined ? {} : { connectionArgs: [`--config-file=${config}`] })
    this.#spool = spool
    const [version = '', timezone = ''] = this.#keeper.query('SELECT version(), timezone()', 'TSV').trim().split('\t')
    this.version = version
    this.timezone = timezone
  }

  /** Throws `ClickHouseFailure`. A second concurrent statement with the same query id is refused, as a server does (code 216). */
  async run(statement: Statement): Promise<Answer> {
    const { queryId } = statement
    if (this.#inFlight.has(queryId)) {
      const message = `Query with id = ${queryId} is already running`
      throw new ClickHouseFailure(216, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING', message)
    }
    const running = this.#run(statement)
    this.#inFlight.set(queryId, running)
    try {
      return await running
    } finally {
      this.#inFlight.delete(queryId)
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#inFlight.values())
    await drainPending()
    this.#keeper.close()
    await drainPending()
  }

  async #run(statement: Statement): Promise<Answer> {
    const { text, body, shape } = readWhole(statement)
    if (shape.verb === '') throw new ClickHouseFailure(62, 'SYNTAX_ERROR', 'Syntax error: Empty query')
    if (shape.isMultiple) {
      throw new ClickHouseFailure(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)')
    }
    const isKill = shape.verb === 'KILL'
    // A KILL must not wait for the statement that it ends.
    if (!isKill) await this.#acquire()
    const session = new Session(this.#path)
    const run: Run = async (sql, format = statement.defaultFormat) => {
      try {
        return await session.queryAsync(sql, { format })
      } catch (error) {
        throw readEngineError(error)
      }
    }
    try {
      await prepare(run, statement)
      const format = shape.outputFormat ?? statement.defaultFormat
      if (isKill) return await killQueries(run, text.toString(), shape, format, statement.queryId, this.#inFlight)
      if (shape.data !== undefined) return await this.#insert(run, text, shape.data, body)
      const result = await run(withClientQueryIds(text.toString()))
      return toAnswer(result, format, shape.verb === 'INSERT')
    } finally {
      session.close()
      if (!isKill) this.#release()
    }
  }

  /**
   * Insert data is passed in a file: with inline data, the engine takes everything after the first blank line of the data
   * for the next statement and runs it.
   */
  async #insert(run: Run, text: Buffer, data: NonNullable<StatementShape['data']>, body: Buffer): Promise<Answer> {
    const file = join(this.#spool, `${this.#spooled++}.data`)
    const head = text.subarray(0, data.infileAt).toString()
    const tail = text.subarray(data.infileAt, data.headEnd).toString()
    // Synchronous, because asynchronous calls would share their few threads with the queries of the engine.
    writeFileSync(file, Buffer.concat([text.subarray(data.start), body]))
    try {
      const fromInput = INPUT.exec(head)
      // `SELECT … FROM input('structure')` reads the data of the request; the file that replaces it includes the format.
      const result = fromInput
        ? await run(head.replace(INPUT, `file('${file}', ${data.format}, $1)`) + tail.replace(/FORMAT\s+\w+\s*$/i, ''))
        : await run(`${head}FROM INFILE '${file}' ${tail}`)
      return toAnswer(result, data.format, true)
    } finally {
      rmSync(file, { force: true })
    }
  }

  async #acquire(): Promise<void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}

const INPUT = /\binput\(('(?:[^'\\]|\\.)*')\)/

/** The SQL may be in the URL or in the body, or begin in the URL and continue in the body. */
function readWhole({ text, body }: Statement): { text: Buffer; body: Buffer; shape: StatementShape } {
  const shape = readStatement(text.toString('latin1'))
  if (shape.data !== undefined || body.length === 0) return { text, body, shape }
  const whole = text.length === 0 ? body : Buffer.concat([text, Buffer.from('\n'), body])
  return { text: whole, body: Buffer.alloc(0), shape: readStatement(whole.toString('latin1')) }
}

async function prepare(run: Run, statement: Statement): Promise<void> {
  const { parameters, settings, queryId, database } = statement
  for (const [name] of parameters) {
    if (!/^\w+$/.test(name)) throw new ClickHouseFailure(36, 'BAD_ARGUMENTS', `Bad name of a query parameter: ${name}`)
  }
  for (const [name] of settings) {
    if (!/^\w+$/.test(name)) throw new ClickHouseFailure(115, 'UNKNOWN_SETTING', `Unknown setting '${name}'`)
  }
  const set = (pairs: Statement['settings']) =>
    `SET ${pairs.map(([name, value]) => `${name} = ${literal(value)}`).join()}`
  if (parameters.length > 0) {
    const sql = set(parameters.map(([name, value]) => [`param_${name}`, value]))
    // The embedded engine sets parameters by a statement, whose length is limited more than the parameters of a server.
    const isLong = sql.length > 50_000
    if (isLong) await run('SET max_query_size = 1000000000')
    await run(sql)
    if (isLong) await run('SET max_query_size = DEFAULT')
  }
  await run(set([['workload', queryId], ...settings]))
  if (database !== undefined) await run(`USE \`${database.replace(/[\\`]/g, '\\$&')}\``)
  if (statement.readOnly) await run('SET readonly = 2')
}
