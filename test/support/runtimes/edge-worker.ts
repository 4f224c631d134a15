import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from '../process/children.ts'
import { bundleEdge } from './edge-bundle.ts'
import { freePort } from '../process/ports.ts'
import { until } from '../process/until.ts'

export interface EdgeWorker {
  readonly baseUrl: string
  /** All that it printed. */
  log(): string
  stop(): Promise<void>
}

const MISSING = 'The tests need workerd, which npm install brings.'
const PROGRAM = new URL(
  `../../../node_modules/@cloudflare/workerd-${process.platform}-${process.arch === 'x64' ? '64' : process.arch}/bin/workerd`,
  import.meta.url,
).pathname

/** The settings of providers, with one stricter rule: code generation from strings is disabled even at the start. The worker may access this machine, where the store is. */
const configOf = (port: number, environment: Readonly<Record<string, string>>) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "edge.js", esModule = embed "edge.js")],
      compatibilityDate = "2026-11-17",
      compatibilityFlags = ["disallow_eval_during_startup"],
      bindings = [${Object.entries(environment)
        .map(([name, value]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`)
        .join(', ')}],
    )),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`

/** The edge entry in the real edge runtime, ready for requests when this resolves. */
export async function startEdgeWorker(environment: Readonly<Record<string, string>>): Promise<EdgeWorker> {
  return startWorker(await bundleEdge(), environment)
}

/** Any module there. */
export async function startWorker(
  module: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<EdgeWorker> {
  const dir = mkdtempSync(join(tmpdir(), 'outreach-edge-'))
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const logFile = join(dir, 'worker.log')
  const configFile = join(dir, 'config.capnp')
  writeFileSync(join(dir, 'edge.js'), module)
  writeFileSync(configFile, configOf(port, environment))
  const child = await launch({ program: PROGRAM, args: ['serve', configFile], env: {}, logFile }, MISSING)
  const log = () => readFileSync(logFile, 'utf8')
  await until(
    async () => child.hasExited() || (await fetch(`${baseUrl}/`)).status > 0,
    20_000,
    'the edge worker to answer',
  )
  if (child.hasExited()) throw new Error(`The edge worker ended at start: ${log().slice(-2_000)}`)
  return {
    baseUrl,
    log,
    async stop() {
      await child.end('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
