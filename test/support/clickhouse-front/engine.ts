import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drainPending, Session } from 'chdb'
import { type Answer, type Run, toAnswer } from './answer.ts'
import { ClickHouseFailure, readEngineError } from './exceptions.ts'
import { killQueries, withClientQueryIds } from './kill.ts'
import { type StatementShape, literal, readStatement } from './sql-text.ts'

/** One statement as an HTTP request carries it. `text` is bytes, because an INSERT's data may follow the SQL in any format. */
export interface Statement {
  readonly text: Buffer
  /** The request's body when the SQL came in the URL. */
  readonly body: Buffer
  readonly queryId: string
  readonly database: string | undefined
  readonly settings: readonly (readonly [string, string])[]
  /** `[name, value]`, the value in ClickHouse's escaped text form, as the HTTP interface takes it. */
  readonly parameters: readonly (readonly [string, string])[]
  readonly defaultFormat: string
  readonly readOnly: boolean
}

/**
 * The embedded engine on one data directory, with a server's isolation: **every statement gets a connection of its own**
 * (about 1.5 ms), because settings, parameters and `USE` stay on an embedded connection for good. One connection is
 * held open all along, so that the engine is not torn down between statements.
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

  /** `spool` is a directory that exists, for insert data on its way; `concurrency` is how many statements run at a time. */
  constructor(path: string, concurrency: number, spool: string, config?: string) {
    this.#path = path
    this.#free = concurrency
    this.#keeper = new Session(path, config === undefined ? {} : { connectionArgs: [`--config-file=${config}`] })
    this.#spool = spool
    const [version = '', timezone = ''] = this.#keeper.query('SELECT version(), timezone()', 'TSV').trim().split('\t')
    this.version = version
    this.timezone = timezone
  }

  /** Throws `ClickHouseFailure`. Two statements under one query id at a time are refused, as a server does (code 216). */
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
    // A KILL must not wait behind what it is to kill.
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
   * Insert data goes through a file: handed inline, the engine takes everything behind the first blank line of the data
   * for the next statement and runs it.
   */
  async #insert(run: Run, text: Buffer, data: NonNullable<StatementShape['data']>, body: Buffer): Promise<Answer> {
    const file = join(this.#spool, `${this.#spooled++}.data`)
    const head = text.subarray(0, data.infileAt).toString()
    const tail = text.subarray(data.infileAt, data.headEnd).toString()
    // Synchronous on purpose: the asynchronous calls share their few threads with the engine's queries.
    writeFileSync(file, Buffer.concat([text.subarray(data.start), body]))
    try {
      const fromInput = INPUT.exec(head)
      // `SELECT … FROM input('structure')` reads the request's data; the file in its place brings the format along.
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

/** The SQL may stand in the URL, in the body, or begin in the one and go on in the other. */
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
    // Here parameters are set by a statement, and a statement has a limit of length that a server's parameters have not.
    const isLong = sql.length > 50_000
    if (isLong) await run('SET max_query_size = 1000000000')
    await run(sql)
    if (isLong) await run('SET max_query_size = DEFAULT')
  }
  await run(set([['workload', queryId], ...settings]))
  if (database !== undefined) await run(`USE \`${database.replace(/[\\`]/g, '\\$&')}\``)
  if (statement.readOnly) await run('SET readonly = 2')
}
