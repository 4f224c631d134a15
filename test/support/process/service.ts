import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildPage } from '../../../src/host/bun/build-page.ts'
import { type Child, type Exit, launch } from './children.ts'
import { denoProgram, denoStartArgs } from '../runtimes/deno.ts'
import { freePort } from './ports.ts'
import { START_SETTINGS } from './runtime-settings.ts'
import { type Claims, token } from '../http/tokens.ts'
import { until } from './until.ts'

export interface ServiceOptions {
  readonly natsUrl?: string
  /** Added to the environment of the service; the launcher itself sets only the variables for a start on free ports and the settings of the runtime. */
  readonly env?: Readonly<Record<string, string>>
  /** A temporary directory by default. It outlives the process, so that the next process can use its data; see `forget`. */
  readonly dataDir?: string
  readonly port?: number
  /** The runtime of the service: Bun by default. */
  readonly runtime?: 'bun' | 'deno'
  /** A module that is loaded before the modules of the service. */
  readonly preload?: string
  /** A program that runs the service, with its arguments, such as a tracer. */
  readonly under?: readonly string[]
  /** The maximum time until the service is ready. */
  readonly readyTimeoutMs?: number
}

/** The parts of every JSON response; a test checks `data`. */
export interface AnswerBody {
  readonly success?: boolean
  readonly data?: unknown
  readonly error?: {
    readonly code?: string
    readonly message?: string
    readonly details?: readonly { readonly path: string; readonly message: string }[]
  }
  readonly meta?: { readonly correlationId?: string; readonly asOf?: string; readonly timezone?: string }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body, or undefined when it is not JSON. */
  readonly body: AnswerBody | undefined
}

export interface Request {
  readonly tenant?: string
  /** Claims besides the tenant. */
  readonly claims?: Claims
  /** The whole Authorization header; the empty string sends none. */
  readonly authorization?: string
  readonly method?: string
  /** The JSON body of a POST. */
  readonly body?: object
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

/** The address of the API and the secret for its tokens. */
export interface Api {
  readonly baseUrl: string
  readonly secret: string
  /** Sends a request: over the network, unless the API is in this process. */
  readonly fetch?: (address: string, init?: RequestInit) => Promise<Response>
}

export interface RunningService extends Api {
  readonly port: number
  readonly pid: number
  readonly dataDir: string
  readonly exited: Promise<Exit>
  get(path: string, request?: Request): Promise<Answer>
  /** Standard output and standard error of this process and of earlier ones on the same directory. */
  log(): string
  /** Closes the log file: part of `forget`. */
  closeLog(): void
  /** Sends SIGTERM; resolves with the exit of the process. Keeps the data for the next process. */
  stop(): Promise<Exit>
  /** Ends the process like a crash. */
  kill9(): Promise<Exit>
}

const projectDir = resolve(import.meta.dir, '../../..')
const MISSING = 'The tests start the service with node_modules/.bin/bun: run npm install first.'

/** Starts the service as a separate process; resolves when it is ready for requests and events. */
export async function startService(options: ServiceOptions = {}): Promise<RunningService> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'outreach-data-'))
  const port = options.port ?? (await freePort())
  const secret = options.env?.['JWT_SECRET'] ?? randomBytes(32).toString('hex')
  const baseUrl = `http://127.0.0.1:${port}`
  const logFile = logFileOf(dataDir)
  // A single test file may run without the set-up, and would then test a page that was built from older sources.
  await buildPage()
  const child = await spawnService(options, { dataDir, port, secret, logFile })
  // The open file stays readable even if another user of the machine removes its name from the shared directory.
  const logDescriptor = openSync(logFile, 'r')
  const log = () => readAll(logDescriptor)

  await until(
    async () => child.hasExited() || (await fetch(`${baseUrl}/health/ready`)).status === 200,
    options.readyTimeoutMs ?? 60_000,
    'the service to be ready',
  ).catch(async (error: unknown) => {
    await child.end('SIGKILL')
    throw new Error(`${String(error)}\n${log().slice(-3000)}`)
  })
  if (child.hasExited()) {
    throw new Error(`The service ended at start (${JSON.stringify(await child.exited)}):\n${log().slice(-3000)}`)
  }

  return {
    baseUrl,
    port,
    pid: child.pid,
    dataDir,
    secret,
    exited: child.exited,
    log,
    closeLog: () => closeSync(logDescriptor),
    stop: () => child.end('SIGTERM'),
    kill9: () => child.end('SIGKILL'),
    get: (path, request) => ask({ baseUrl, secret }, path, request),
  }
}

export async function ask(api: Api, path: string, request: Request = {}): Promise<Answer> {
  const { baseUrl, secret, fetch = globalThis.fetch } = api
  const bearer = `Bearer ${token(secret, { tenantId: request.tenant ?? 'tenant-1', ...request.claims })}`
  const authorization = request.authorization ?? bearer
  const response = await fetch(baseUrl + path, {
    method: request.method ?? 'GET',
    headers: {
      ...(authorization === '' ? {} : { authorization }),
      ...(request.body ? { 'content-type': 'application/json' } : {}),
      ...request.headers,
    },
    ...(request.body ? { body: JSON.stringify(request.body) } : {}),
    ...(request.signal ? { signal: request.signal } : {}),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

/** Starts the process and returns it without waiting for readiness: for starts that must fail. */
export async function spawnService(
  options: ServiceOptions,
  place: { readonly dataDir: string; readonly port: number; readonly secret?: string; readonly logFile: string },
): Promise<Child> {
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? tmpdir(),
    PORT: String(place.port),
    HOST: '127.0.0.1',
    DATA_DIR: place.dataDir,
    LOG_LEVEL: 'info',
    ...START_SETTINGS,
    ...(place.secret === undefined ? {} : { JWT_SECRET: place.secret }),
    ...(options.natsUrl === undefined ? {} : { NATS_URL: options.natsUrl }),
    ...options.env,
  }
  const started = options.runtime === 'deno' ? startedByDeno(options.preload) : startedByBun(options.preload)
  const [first = '', ...rest] = [...(options.under ?? []), ...started]
  return launch({ program: first, args: rest, cwd: projectDir, env, logFile: place.logFile }, MISSING)
}

function startedByDeno(preload: string | undefined): string[] {
  const [command = '', ...args] = denoStartArgs()
  return [denoProgram(), command, ...(preload === undefined ? [] : ['--preload', preload]), ...args]
}

function startedByBun(preload: string | undefined): string[] {
  const preloaded = preload === undefined ? [] : ['--preload', preload]
  return [join(projectDir, 'node_modules/.bin/bun'), ...preloaded, 'src/main.ts']
}

/** Deletes the directory of a service and its log, after all processes on it have exited. */
export function forget(service: RunningService): void {
  service.closeLog()
  rmSync(service.dataDir, { recursive: true, force: true })
  rmSync(logFileOf(service.dataDir), { force: true })
}

/** Outside the directory, which must be empty for the service. */
function logFileOf(dataDir: string): string {
  return `${dataDir}.log`
}

function readAll(descriptor: number): string {
  const bytes = Buffer.alloc(fstatSync(descriptor).size)
  return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, 0))
}

function parsed(text: string): AnswerBody | undefined {
  try {
    return JSON.parse(text) as AnswerBody
  } catch {
    return undefined
  }
}
