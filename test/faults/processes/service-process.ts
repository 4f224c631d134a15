import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Child, Exit } from '../../support/process/children.ts'
import { freePort } from '../../support/process/ports.ts'
import { spawnService } from '../../support/process/service.ts'
import { token } from '../../support/http/tokens.ts'
import { until } from '../../support/process/until.ts'

const READY_MS = 120_000
/** A stopped service has 8 s for what it holds. */
const STOP_MS = 15_000

interface ServiceProcessOptions {
  readonly natsUrl: string
  readonly env: Readonly<Record<string, string>>
  /** A module that is loaded before those of the service. */
  readonly preload: string | undefined
  readonly runtime: 'bun' | 'deno'
}

/** The service, started, killed, stopped and started again on the same directory and port. */
export class ServiceProcess {
  readonly dataDir: string
  readonly #options: ServiceProcessOptions
  readonly #port: number
  readonly #secret = randomBytes(32).toString('hex')
  #child: Child | undefined
  #isTraced = false

  private constructor(options: ServiceProcessOptions, port: number) {
    this.#options = options
    this.#port = port
    this.dataDir = mkdtempSync(join(tmpdir(), 'outreach-faults-'))
  }

  static async make(options: ServiceProcessOptions): Promise<ServiceProcess> {
    return new ServiceProcess(options, await freePort())
  }

  get isRunning(): boolean {
    return this.#child !== undefined && !this.#child.hasExited()
  }

  /** Starts it, unless it runs, and waits for nothing. `under` is a program that runs it, such as a tracer. */
  async start(under: readonly string[] = []): Promise<void> {
    if (this.isRunning) return
    this.#isTraced = under.length > 0
    const { natsUrl, env, preload, runtime } = this.#options
    this.#child = await spawnService(
      { natsUrl, env: { LOG_LEVEL: 'warn', ...env }, runtime, ...(preload ? { preload } : {}), under },
      { dataDir: this.dataDir, port: this.#port, secret: this.#secret, logFile: this.logFile },
    )
  }

  async kill(): Promise<void> {
    if (!this.#child || !this.isRunning) return
    // A tracer that is killed lets go of what it traced.
    const file = `/proc/${this.#child.pid}/task/${this.#child.pid}/children`
    const traced = this.#isTraced ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean) : []
    for (const pid of traced) process.kill(Number(pid), 'SIGKILL')
    await this.#child.end('SIGKILL')
  }

  /** Resolves when it has ended, or after `waitMs`. */
  async ended(waitMs: number): Promise<boolean> {
    await Promise.race([this.#child?.exited, Bun.sleep(waitMs)])
    return !this.isRunning
  }

  /** As an operator does it. Throws when it does not end well in time. */
  async stop(): Promise<void> {
    if (!this.#child || !this.isRunning) return
    const late = Bun.sleep(STOP_MS).then(() => undefined)
    const exit: Exit | undefined = await Promise.race([this.#child.end('SIGTERM'), late])
    if (exit?.code !== 0)
      throw new Error(`The service did not stop well: ${JSON.stringify(exit)}\n${this.log().slice(-2_000)}`)
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    if (this.isRunning) process.kill(this.#child!.pid, signal)
  }

  /** Waits until it is ready; starts it again if it has ended meanwhile. */
  async ready(): Promise<void> {
    await until(
      async () => {
        await this.start()
        return (await this.get('/health/ready')).status === 200
      },
      READY_MS,
      'the service to be ready',
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log().slice(-2_000)}`)
    })
  }

  get(path: string, tenant = 'tenant-1'): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}${path}`, {
      headers: { authorization: `Bearer ${token(this.#secret, { tenantId: tenant })}` },
      signal: AbortSignal.timeout(20_000),
    })
  }

  /** The value of each series of the metrics, by name and labels; empty when it does not answer. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await this.get('/metrics').then(
      (response) => response.text(),
      () => '',
    )
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    )
  }

  /** Resident memory in MiB and open descriptors; undefined when it does not run. */
  usage(): { residentMiB: number; descriptors: number } | undefined {
    if (!this.isRunning) return undefined
    const { pid } = this.#child!
    try {
      const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      return { residentMiB: Math.round(Number(resident) / 1024), descriptors: readdirSync(`/proc/${pid}/fd`).length }
    } catch {
      return undefined
    }
  }

  get logFile(): string {
    return `${this.dataDir}.log`
  }

  log(): string {
    return readFileSync(this.logFile, 'utf8')
  }

  forget(): void {
    rmSync(this.dataDir, { recursive: true, force: true })
    rmSync(this.logFile, { force: true })
  }
}
