/**
 * `bun test/run.ts [unit | app | gate | long]` runs a tier of the tests in parallel workers and prints `N passed, N failed`
 * as its last line; any other arguments go to `bun test` as they are. Exits 0 only when every step ran to its end and
 * no test failed or was skipped. With TEST_REPORTS, a folder, the JUnit reports are kept there.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readReport, type StepResult, summarise } from './support/runner/report.ts'
import { isTier, type Step, TIERS } from './support/runner/tiers.ts'

/** Tests start real servers: the runner's own 5 s would fail them on a busy machine. */
const TEST_TIMEOUT_MS = 60_000
const KILL_AFTER_MS = 20_000
const root = resolve(import.meta.dir, '..')
/** The durations of the test files, so that the longest ones start first. A file without one starts before all others. */
const TIMINGS = join(import.meta.dir, 'support/runner/timings.json')

let running: Bun.Subprocess | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    process.stderr.write(`The test run was ended by ${signal}.\n`)
    running?.kill(signal)
    process.exit(1)
  })

const [tier = 'gate', ...rest] = process.argv.slice(2)
process.exit(isTier(tier) && rest.length === 0 ? await runTier(tier) : await bunTest(process.argv.slice(2)))

async function runTier(name: keyof typeof TIERS): Promise<number> {
  const kept = process.env['TEST_REPORTS']
  const reports = kept ?? mkdtempSync(join(tmpdir(), 'outreach-reports-'))
  mkdirSync(reports, { recursive: true })
  const results: StepResult[] = []
  for (const step of TIERS[name]) results.push(await runStep(step, join(reports, `${step.name}.xml`)))
  if (kept === undefined) rmSync(reports, { recursive: true })
  const { lines, isGood } = summarise(results)
  for (const line of lines) process.stdout.write(`${line}\n`)
  return isGood ? 0 : 1
}

async function runStep({ name, folders, ignored = [], workers, maxSeconds, env = {} }: Step, report: string) {
  rmSync(report, { force: true })
  const options = [
    `--parallel=${workers}`,
    `--timings=${TIMINGS}`,
    '--reporter=junit',
    `--reporter-outfile=${report}`,
    ...ignored.map((pattern) => `--path-ignore-patterns=${pattern}`),
  ]
  const startedAt = performance.now()
  const status = await bunTest([...options, ...folders], { env, maxMs: maxSeconds * 1_000 })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  return { name, status, seconds, report: await readReport(report) }
}

async function bunTest(args: readonly string[], { env = {}, maxMs = 0 } = {}): Promise<number> {
  const child = Bun.spawn([process.execPath, 'test', '--no-orphans', `--timeout=${TEST_TIMEOUT_MS}`, ...args], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  running = child
  const timers =
    maxMs === 0
      ? []
      : [setTimeout(() => child.kill('SIGTERM'), maxMs), setTimeout(() => child.kill('SIGKILL'), maxMs + KILL_AFTER_MS)]
  const status = await child.exited
  for (const timer of timers) clearTimeout(timer)
  return status
}
