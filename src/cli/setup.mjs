#!/usr/bin/env node
/**
 * Installs what a program of this project needs, then runs it with Bun. It runs on a machine with only Node 20, npm and
 * apt, so that it is plain JavaScript without packages:
 *
 *   node src/cli/setup.mjs start            the service
 *   node src/cli/setup.mjs test [TIER]      the tests of a tier of test/run.ts; other arguments go to `bun test`
 *   node src/cli/setup.mjs run FILE [args…] a program of this project
 *   node src/cli/setup.mjs packages         no program: installs all packages, those for development included
 *
 * It installs packages and the Bun runtime, bundles the dashboards' page, and installs nats-server (start, tests, benchmarks), Chromium, openssl and nginx (tests). Packages for
 * development are installed only for tests, benchmarks and checks. It exits as the program does, and passes its output on.
 */
import { spawn } from 'node:child_process'
import { constants as os } from 'node:os'
import { delimiter, dirname } from 'node:path'
import { bun, installPackages } from './setup/install-packages.mjs'
import { findChromium, findProgram, installPrograms } from './setup/install-programs.mjs'
import { quietly, root, stop } from './setup/quietly.mjs'

const [command = '', ...args] = process.argv.slice(2)
if (!['start', 'test', 'run', 'packages'].includes(command) || (command === 'run' && args.length === 0)) {
  stop('Usage: node src/cli/setup.mjs start | test [args…] | run FILE [args…] | packages')
}

const isTrial = command === 'test' || (command === 'run' && args[0].startsWith('test/'))
/** The tests of these tiers start no other program. */
const startsNothing = command === 'test' && ['unit', 'app'].includes(args[0])
installPackages({
  wantsEngine: command === 'test' || !process.env.CLICKHOUSE_URL,
  wantsDevelopment: isTrial || command === 'packages',
})
installPrograms({
  wantsBroker: (isTrial && !startsNothing) || (command === 'start' && !process.env.NATS_URL),
  wantsTestPrograms: command === 'test' && !startsNothing,
})
if (isTrial || command === 'start') buildPage()
if (command !== 'packages') runProgram()

/** Takes hardly any time when the page is a build of the same sources. */
function buildPage() {
  quietly(bun, ['src/cli/main.ts', 'build-page'], {
    otherwise: "The dashboards' page could not be built (see above).",
  })
}

function runProgram() {
  const lines = {
    start: ['src/main.ts', ...args],
    test: ['test/run.ts', ...args],
    run: args,
  }
  const child = spawn(bun, lines[command], { cwd: root, stdio: 'inherit', env: childEnvironment() })
  const forwardedAt = {}
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child too, and npm forwards a signal that already arrived: one key press must stay one signal, as the
      // child treats a second one differently.
      const isRepeated = performance.now() - (forwardedAt[signal] ?? -Infinity) < 500
      if (isRepeated || (signal === 'SIGINT' && process.stdin.isTTY)) return
      forwardedAt[signal] = performance.now()
      child.kill(signal)
    })
  }
  child.on('error', (error) => stop(`Bun could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // For a signal that does not end this process.
    setTimeout(() => process.exit(128 + (os.signals[signal] ?? 0)), 1000)
  })
}

function childEnvironment() {
  const env = { ...process.env }
  // The embedded engine executes statements on these threads. The runtime's default is one per processor and cannot be changed later.
  env.UV_THREADPOOL_SIZE ??= '8'
  // Without the first two, the allocator returns memory to the system that it needs again a moment later, and a thread touches free memory in advance: together 4 to 8 %
  // of the processor time of ingestion. The next two make each garbage collection a full one, which is short as ingestion keeps few objects, and begin it when
  // the heap has grown by half; otherwise dead objects of two to three times the size of the living ones remain. With the last one the embedded engine returns free memory to the system after a second instead of five. All are read when the
  // process starts. The runtime does not start with a BUN_JSC_ variable that it does not know.
  env.MIMALLOC_PURGE_DELAY ??= '2000'
  env.BUN_JSC_useWarmUpMarkedBlocks ??= '0'
  env.BUN_JSC_minEdenToOldGenerationRatio ??= '0.5'
  env.BUN_JSC_smallHeapGrowthFactor ??= '1.5'
  // With this size of memory the runtime collects garbage early.
  env.BUN_JSC_forceRAMSize ??= '400000000'
  env.JE_MALLOC_CONF ??= 'dirty_decay_ms:1000'
  if (command === 'start' && env.CLICKHOUSE_URL) {
    // As in the container: with a ClickHouse server the service stays below 400 MB at full load.
    env.INGEST_MEMORY_MB ??= '32'
  }
  const broker = findProgram('nats-server')
  if (broker && !(env.PATH ?? '').split(delimiter).includes(dirname(broker))) {
    env.PATH = `${env.PATH ?? ''}${delimiter}${dirname(broker)}`
  }
  const chromium = command === 'test' ? findChromium() : undefined
  if (chromium) env.CHROMIUM_PATH = chromium
  return env
}
