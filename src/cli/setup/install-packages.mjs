import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quietly, root, say, stop } from './quietly.mjs'

const packages = join(root, 'node_modules')
export const bun = join(packages, '.bin', 'bun')
/** npm's record of the installed packages, which it writes last. */
const npmRecord = join(packages, '.package-lock.json')
/** The record of a complete installation: the fingerprint of its lockfile, and whether the packages for development are part of it. */
const marker = join(packages, '.setup.json')
/** The Bun runtime has about 100 MB. Before its install script has run, its place holds a placeholder of some bytes. */
const minRuntimeBytes = 1_000_000

/**
 * Installs the packages of the lockfile, unless they are installed; those for development only when `wantsDevelopment`. Packages for development that are installed stay.
 *
 * Two processes do not install at the same time: each locks the checkout's folder. The kernel releases the lock with its last holder, and npm holds it too, so
 * that no stale lock remains, and an npm whose parent was killed still keeps others waiting.
 */
export function installPackages({ wantsEngine, wantsDevelopment }) {
  if (areCurrent({ wantsEngine, wantsDevelopment })) return
  const lock = openSync(root, 'r')
  const take = (...options) => spawnSync('flock', [...options, '3'], { stdio: ['ignore', 'ignore', 'inherit', lock] })
  if (take('--nonblock').status === 1) {
    say('Another process is installing packages in this folder; waiting for it …')
    take()
  }
  if (areCurrent({ wantsEngine, wantsDevelopment })) return
  const record = readJson(marker)
  const isDevelopment = wantsDevelopment || record?.development === true || matchLockfile({ wantsDevelopment: true })
  const isEngineMissing = wantsEngine && !engineIsInstalled()
  if (!matchLockfile({ wantsDevelopment: isDevelopment }) || isEngineMissing) {
    const isAddition =
      record?.fingerprint === fingerprint() && matchLockfile({ wantsDevelopment: false }) && !isEngineMissing
    runNpm({ isDevelopment, isAddition, lock })
  }
  installRuntime(lock)
  if (wantsEngine && !engineIsInstalled()) {
    stop(
      'The embedded ClickHouse engine (package chdb) could not be installed: it has builds for Linux with glibc and macOS. ' +
        'Check the network and run `npm ci`, or set CLICKHOUSE_URL to use a ClickHouse server.',
    )
  }
  writeFileSync(marker, JSON.stringify({ fingerprint: fingerprint(), development: isDevelopment }))
}

/** An addition keeps the installed packages and downloads only the missing ones; `npm ci` starts from nothing. */
function runNpm({ isDevelopment, isAddition, lock }) {
  say(
    isAddition
      ? 'Installing the packages for development with npm …'
      : `Installing packages with npm (about a minute the first time, some ${isDevelopment ? 1100 : 700} MB on disk) …`,
  )
  // An interrupted installation has no record, so that the next run installs again.
  rmSync(marker, { force: true })
  if (!isAddition) rmSync(npmRecord, { force: true })
  const options = ['--ignore-scripts', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const commandWords = isAddition ? ['install', '--no-save'] : ['ci']
  quietly('npm', [...commandWords, isDevelopment ? '--include=dev' : '--omit=dev', ...options], {
    lock,
    otherwise: `\`npm ${commandWords[0]}\` failed (see above). Check the network and the disk, then run this again.`,
  })
}

function installRuntime(lock) {
  if (!runtimeIsInstalled()) {
    // Install scripts are disabled; no package but Bun's needs its own, which puts the runtime in place.
    quietly(process.execPath, [join(packages, 'bun', 'install.js')], {
      lock,
      otherwise: 'The Bun runtime could not be installed (see above). Delete node_modules and run this again.',
    })
  }
  if (spawnSync(bun, ['--version'], { stdio: 'ignore' }).status !== 0) {
    stop(
      `The Bun runtime does not run on this machine: try \`${bun} --version\`. It needs Linux or macOS on x64 or arm64.`,
    )
  }
}

function areCurrent({ wantsEngine, wantsDevelopment }) {
  const record = readJson(marker)
  return (
    record?.fingerprint === fingerprint() &&
    (record.development || !wantsDevelopment) &&
    runtimeIsInstalled() &&
    (!wantsEngine || engineIsInstalled())
  )
}

function fingerprint() {
  const lockfile = readFileSync(join(root, 'package-lock.json'))
  return `${createHash('sha256').update(lockfile).digest('hex')} ${process.platform}-${process.arch}`
}

function runtimeIsInstalled() {
  return (statSync(bun, { throwIfNoEntry: false })?.size ?? 0) > minRuntimeBytes
}

/** The engine is an optional dependency: npm omits it silently when it has no build for the machine or its download fails. */
function engineIsInstalled() {
  const lockfile = readJson(npmRecord)?.packages ?? {}
  return Object.keys(lockfile).some(
    (path) => path.startsWith('node_modules/@chdb/lib-') && existsSync(join(root, path)),
  )
}

/** Whether the installed packages are those of the lockfile, as after `npm ci` by hand. */
function matchLockfile({ wantsDevelopment }) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages
  const installed = readJson(npmRecord)?.packages
  if (!wanted || !installed) return false
  return Object.entries(wanted).every(([path, { version, optional, dev }]) => {
    if (path === '' || (dev && !wantsDevelopment) || (optional && !installed[path])) return true
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
