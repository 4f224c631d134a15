import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Fault } from './faults.ts'

export interface ClickHouseFront {
  /** For `createClient({ url })`. */
  readonly url: string
  /** The data directory, for another front after `kill()`. */
  readonly path: string
  readonly pid: number
  /** Adds faults, see `Fault`. */
  fault(...faults: Fault[]): Promise<void>
  /** Removes all faults and returns the number of matches of each. */
  clearFaults(): Promise<{ fault: Fault; hits: number }[]>
  /** Ends it after the requests in flight and removes the directory if it is a temporary one. Returns the exit code. */
  stop(): Promise<number>
  /** `kill -9`; the data directory stays. */
  kill(): Promise<void>
}

/**
 * Starts a ClickHouse HTTP front as a separate process. Without `path` it uses a new temporary directory, without `port`
 * a free port. With `user`, only that user and password are accepted. Throws an error with the output of the process when
 * the start fails. `config` is a configuration file of the engine.
 */
export async function startClickHouseFront(
  options: { path?: string; port?: number; user?: string; password?: string; config?: string } = {},
): Promise<ClickHouseFront> {
  const path = options.path ?? mkdtempSync(join(tmpdir(), 'clickhouse-front-'))
  const spool = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'clickhouse-front-spool-'))
  const credentials = options.user === undefined ? [] : ['--user', options.user, '--password', options.password ?? '']
  const child = Bun.spawn({
    // One megabyte of URL, the limit of ClickHouse, because bound parameters are in the URL.
    cmd: [
      process.execPath,
      '--max-http-header-size=1048576',
      Bun.fileURLToPath(new URL('./main.ts', import.meta.url)),
      ...['--path', path, '--port', String(options.port ?? 0), '--spool', spool, '--tied'],
      ...credentials,
      ...(options.config === undefined ? [] : ['--config', options.config]),
    ],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const errors = new Response(child.stderr).text()
  const url = await readUrl(child.stdout)
  if (url === undefined) throw new Error(`The ClickHouse front did not start: ${await errors}`)

  return {
    url,
    path,
    pid: child.pid,
    async fault(...faults) {
      const response = await fetch(`${url}/__faults`, { method: 'POST', body: JSON.stringify(faults) })
      if (!response.ok) throw new Error(`The front refused the faults: ${await response.text()}`)
    },
    async clearFaults() {
      const response = await fetch(`${url}/__faults`, { method: 'DELETE' })
      return (await response.json()) as { fault: Fault; hits: number }[]
    },
    async stop() {
      child.kill('SIGTERM')
      const exitCode = await child.exited
      if (options.path === undefined) rmSync(path, { recursive: true, force: true })
      return exitCode
    },
    async kill() {
      child.kill('SIGKILL')
      await child.exited
      rmSync(spool, { recursive: true, force: true })
    },
  }
}

async function readUrl(output: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true })
    const url = /listening (\S+)\n/.exec(text)?.[1]
    if (url !== undefined) return url
  }
  return undefined
}
