#!/usr/bin/env node
/**
 * Makes a machine ready and then hands over to Bun. Runs on a machine that has nothing but Node 20, npm and apt, so it
 * is plain JavaScript without a single package:
 *
 *   node src/cli/setup.mjs start            the service
 *   node src/cli/setup.mjs test [TIER]      the tests of a tier of test/run.ts; other arguments go to `bun test`
 *   node src/cli/setup.mjs run FILE [args…] a program of this project
 *
 * In: a checkout. Out: packages, the Bun runtime, the dashboards' page and nats-server (start, test, benchmarks), Chromium and openssl (test); then
 * the child's own output, exit code or signal. Its own words go to stderr, because a program's stdout may be read by another.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const packages = join(root, 'node_modules')
const bun = join(packages, '.bin', 'bun')
const marker = join(packages, '.setup.json')
/** A real runtime is about 100 MB; what the registry ships until its install script has run is a placeholder of some bytes. */
const minRuntimeBytes = 1_000_000

const [command = '', ...args] = process.argv.slice(2)
if (!['start', 'test', 'run'].includes(command) || (command === 'run' && args.length === 0)) {
  stop('Usage: node src/cli/setup.mjs start | test [args…] | run FILE [args…]')
}

const wantsEngine = command === 'test' || !process.env.CLICKHOUSE_URL
const isTrial = command === 'test' || (command === 'run' && args[0].startsWith('test/'))
const startsServers = isTrial && !(command === 'test' && ['unit', 'app'].includes(args[0]))
const wantsBroker = startsServers || (command === 'start' && !process.env.NATS_URL)
const wantsBrowser = command === 'test' && startsServers
if (!packagesAreCurrent()) installPackages()
installPrograms()
if (isTrial || command === 'start') buildPage()
handOver()

function say(text) {
  process.stderr.write(`${text}\n`)
}

function stop(text) {
  say(text)
  process.exit(1)
}

function fingerprint() {
  const lockfile = readFileSync(join(root, 'package-lock.json'))
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}`
}

function packagesAreCurrent() {
  return (
    readJson(marker)?.fingerprint === fingerprint() && runtimeIsInstalled() && (!wantsEngine || engineIsInstalled())
  )
}

function runtimeIsInstalled() {
  return (statSync(bun, { throwIfNoEntry: false })?.size ?? 0) > minRuntimeBytes
}

/** The engine is an optional dependency: npm leaves it out without a word when it has no build for the machine or fetching it fails. */
function engineIsInstalled() {
  const lockfile = readJson(join(packages, '.package-lock.json'))?.packages ?? {}
  return Object.keys(lockfile).some(
    (path) => path.startsWith('node_modules/@chdb/lib-') && existsSync(join(root, path)),
  )
}

/**
 * Installs under a lock on the checkout's folder. The kernel drops the lock when its last holder is gone, and npm holds
 * it too: there is no stale lock to take over, and an npm that outlives a killed set-up still keeps the next one waiting.
 */
function installPackages() {
  const lock = openSync(root, 'r')
  const take = (...options) => spawnSync('flock', [...options, '3'], { stdio: ['ignore', 'ignore', 'inherit', lock] })
  if (take('--nonblock').status === 1) {
    say('Another set-up of this folder is running; waiting for it …')
    take()
  }
  if (packagesAreCurrent()) return
  if (!packagesMatchLockfile()) {
    say('Installing packages with npm (about a minute the first time, some 850 MB on disk) …')
    // Both go first: whatever interrupts npm from here on, the next run installs again.
    for (const record of [marker, join(packages, '.package-lock.json')]) rmSync(record, { force: true })
    const options = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund']
    quietly('npm', ['ci', ...options, '--loglevel=error'], {
      lock,
      otherwise: '`npm ci` failed (see above). Check the network and the disk, then run this again.',
    })
  }
  if (!runtimeIsInstalled()) {
    // Install scripts are off (no package of ours needs another one), so Bun's own, which puts its binary in place, is run here.
    quietly(process.execPath, [join(packages, 'bun', 'install.js')], {
      lock,
      otherwise: 'The Bun runtime could not be put in place (see above). Delete node_modules and run this again.',
    })
  }
  if (spawnSync(bun, ['--version'], { stdio: 'ignore' }).status !== 0) {
    stop(
      `The Bun runtime does not run on this machine: try \`${bun} --version\`. It needs Linux or macOS on x64 or arm64.`,
    )
  }
  if (wantsEngine && !engineIsInstalled()) {
    stop(
      'The embedded ClickHouse engine (package chdb) could not be installed: it has builds for Linux with glibc and macOS. ' +
        'Check the network and run `npm ci`, or set CLICKHOUSE_URL to use a ClickHouse server.',
    )
  }
  writeFileSync(marker, JSON.stringify({ fingerprint: fingerprint() }))
}

/** True when somebody ran a complete `npm install` or `npm ci` by hand: npm writes its own record last, so it vouches for the rest. */
function packagesMatchLockfile() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages
  const installed = readJson(join(packages, '.package-lock.json'))?.packages
  if (!wanted || !installed || (wantsEngine && !engineIsInstalled())) return false
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '' || (optional && !installed[path])) return true
    return installed[path]?.version === version && existsSync(join(root, path, 'package.json'))
  })
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Debian keeps servers in sbin, which an ordinary user's PATH leaves out. */
function findProgram(...names) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function findChromium() {
  return (
    process.env.CHROMIUM_PATH || findProgram('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
  )
}

function installPrograms() {
  const missing = () => [
    ...(wantsBroker && !findProgram('nats-server') ? ['nats-server'] : []),
    ...(wantsBrowser && !findChromium() ? ['chromium'] : []),
    ...(wantsBrowser && !findProgram('openssl') ? ['openssl'] : []),
  ]
  const wanted = missing()
  if (wanted.length === 0) return
  const byHand = `Install it by hand: sudo apt-get install ${wanted.join(' ')}`
  const apt = findProgram('apt-get')
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (!apt)
    stop(
      `${wanted.join(' and ')} is needed and there is no apt here. Put it on PATH with this machine's own package manager.`,
    )
  if (asRoot.length > 0 && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    stop(`${wanted.join(' and ')} is needed, and installing needs root. ${byHand}`)
  }
  say(`Installing ${wanted.join(' and ')} with apt (about a minute) …`)
  const aptGet = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', apt, '-qq', '-o', 'DPkg::Lock::Timeout=300']
  const run = (line, options) => quietly(line[0], line.slice(1), options)
  // Old package lists are often good enough: the installation decides.
  run([...aptGet, 'update'])
  run([...aptGet, 'install', '-y', '--no-install-recommends', ...wanted], {
    otherwise: `apt failed (see above). ${byHand}`,
  })
  // The package starts a server of its own at boot; this project starts one when it needs one.
  if (wanted.includes('nats-server') && existsSync('/run/systemd/system')) {
    run([...asRoot, 'systemctl', 'disable', '--now', 'nats-server.service'])
  }
  if (missing().length > 0) stop(`${missing().join(' and ')} is still not to be found after installing. ${byHand}`)
}

/** Takes next to no time when the page was made of the same sources. */
function buildPage() {
  quietly(bun, ['src/cli/build-page.ts'], { otherwise: "The dashboards' page could not be built (see above)." })
}

/** Runs a program without its chatter, which is shown only when it fails and `otherwise`, the sentence to stop with, is given. */
function quietly(program, programArgs, { otherwise, lock } = {}) {
  const env = { ...process.env, npm_config_update_notifier: 'false' }
  const stdio = ['ignore', 'pipe', 'pipe', ...(lock === undefined ? [] : [lock])]
  const result = spawnSync(program, programArgs, { cwd: root, env, stdio, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (result.status === 0 || otherwise === undefined) return
  const lines = `${result.stderr ?? ''}\n${result.stdout ?? ''}\n${result.error?.message ?? ''}`.trim().split('\n')
  say(lines.length <= 40 ? lines.join('\n') : [...lines.slice(0, 20), '…', ...lines.slice(-20)].join('\n'))
  stop(otherwise)
}

function handOver() {
  const lines = {
    start: ['src/main.ts', ...args],
    test: ['test/run.ts', ...args],
    run: args,
  }
  const child = spawn(bun, lines[command], { cwd: root, stdio: 'inherit', env: childEnvironment() })
  const forwardedAt = {}
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well, and npm passes on what reached us anyway: one press must stay one signal,
      // or the child would take it for a second wish.
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
    // Only for a signal that does not end this process.
    setTimeout(() => process.exit(128 + (os.signals[signal] ?? 0)), 1000)
  })
}

function childEnvironment() {
  const env = { ...process.env }
  // Statements of the embedded engine run on these threads; the runtime's default is one a processor, and it cannot be changed later.
  env.UV_THREADPOOL_SIZE ??= '8'
  if (command === 'start' && env.CLICKHOUSE_URL) {
    // As in the container: before a server the service stays below 400 MB at full speed.
    env.BUN_JSC_forceRAMSize ??= '500000000'
    env.INGEST_MEMORY_MB ??= '64'
  }
  const broker = findProgram('nats-server')
  if (broker && !(env.PATH ?? '').split(delimiter).includes(dirname(broker))) {
    env.PATH = `${env.PATH ?? ''}${delimiter}${dirname(broker)}`
  }
  const chromium = command === 'test' ? findChromium() : undefined
  if (chromium) env.CHROMIUM_PATH = chromium
  return env
}
