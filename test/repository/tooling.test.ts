import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { START_SETTINGS } from '../support/process/runtime-settings.ts'

/** The linter reads all types first, which takes several seconds. */
setDefaultTimeout(60_000)

const root = new URL('../..', import.meta.url).pathname

async function run(command: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const child = Bun.spawn([...command], {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  await child.exited
  return { exitCode: child.exitCode, signal: child.signalCode, stdout, stderr }
}

test('the linter refuses a floating and a misused promise, and accepts the same work when it is awaited', async () => {
  const fixtures = ['floating-promise', 'misused-promise', 'sound-promise']
  const files = fixtures.map((fixture) => `test/support/lint-fixtures/${fixture}.ts`)
  const options = ['--type-aware', '--deny-warnings', '--format=json']
  const { exitCode, stdout } = await run(['node_modules/.bin/oxlint', ...options, ...files])
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] }
  expect(Object.fromEntries(diagnostics.map(({ filename, code }) => [filename, code]))).toEqual({
    [files[0]!]: 'typescript(no-floating-promises)',
    [files[1]!]: 'typescript(no-misused-promises)',
  })
  expect(exitCode).toBe(1)
})

test('the durations of test files, by which they are started, name only files that exist', async () => {
  const { files } = (await Bun.file(join(root, 'test/support/runner/timings.json')).json()) as { files: object }
  const missing = await Promise.all(
    Object.keys(files).map(async (file) => ((await Bun.file(join(root, file)).exists()) ? [] : [file])),
  )
  expect(Object.keys(files).length).toBeGreaterThan(200)
  expect(missing.flat()).toEqual([])
})

describe('the lockfile', () => {
  interface Entry {
    readonly optionalDependencies?: Record<string, string>
    readonly resolved?: string
  }

  test('has every platform build of every package, which npm ci requires', async () => {
    const { packages } = (await Bun.file(join(root, 'package-lock.json')).json()) as { packages: Record<string, Entry> }
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    expect(wanted).toContain('@oven/bun-linux-x64')
    expect(wanted.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
  })

  test('is matched by exact versions only', async () => {
    const manifest = (await Bun.file(join(root, 'package.json')).json()) as Record<string, Record<string, string>>
    const versions = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    )
    expect(versions.length).toBeGreaterThan(10)
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })
})

describe('the runner of the checks', () => {
  test('runs every check and prints its output, and fails when one failed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'checks-'))
    const scripts = { sound: 'echo all well', broken: 'echo one problem >&2; exit 3', late: 'echo checked too' }
    await Bun.write(join(folder, 'package.json'), JSON.stringify({ scripts }))
    const runner = join(root, 'test/support/repository/checks.ts')
    const check = (...names: string[]) => run([process.execPath, runner, ...names], { cwd: folder })
    const { exitCode, stdout } = await check('broken', 'sound', 'late')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^one problem\nbroken: failed in /m)
    expect(stdout).toMatch(/^all well\nsound: passed in /m)
    expect(stdout).toMatch(/^checked too\nlate: passed in /m)
    expect(stdout).toEndWith('Failed: broken\n')
    expect(await check('sound', 'late')).toMatchObject({ exitCode: 0 })
    await rm(folder, { recursive: true })
  })
})

const SETUP_MODULES = ['quietly', 'install-packages', 'install-programs'].map((name) => `setup/${name}.mjs`)

/** A checkout of its own whose packages are complete, so that the set-up installs nothing and only runs the program. */
describe('the set-up', () => {
  let checkout = ''
  const setup = () => join(checkout, 'src/cli/setup.mjs')
  const environment = { CLICKHOUSE_URL: 'http://127.0.0.1:1' }

  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'setup-'))
    await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true })
    await symlink(process.execPath, join(checkout, 'node_modules/.bin/bun'))
    for (const file of ['setup.mjs', ...SETUP_MODULES])
      await Bun.write(join(checkout, 'src/cli', file), Bun.file(join(root, 'src/cli', file)))
    for (const lockfile of ['package-lock.json', 'node_modules/.package-lock.json']) {
      await Bun.write(join(checkout, lockfile), '{ "packages": {} }')
    }
  })
  afterAll(() => rm(checkout, { recursive: true, force: true }))

  const program = async (source: string) => {
    const file = join(checkout, `program-${Bun.hash(source)}.ts`)
    await Bun.write(file, source)
    return file
  }

  test('passes arguments and exit code on and keeps stdout for the program', async () => {
    const file = await program('console.log(JSON.stringify(process.argv.slice(2))); process.exit(7)')
    const { exitCode, stdout } = await run(['node', setup(), 'run', file, '--rate', '2 000'], { env: environment })
    expect(stdout).toBe('["--rate","2 000"]\n')
    expect(exitCode).toBe(7)
  })

  test('starts the program with the settings of the runtime, unless they are set', async () => {
    const names = Object.keys(START_SETTINGS)
    const file = await program(
      `console.log(JSON.stringify(Object.fromEntries(${JSON.stringify(names)}.map((name) => [name, process.env[name]]))))`,
    )
    const unset = ['env', ...names.flatMap((name) => ['-u', name])]
    const started = async (...set: string[]) => {
      const { stdout } = await run([...unset, ...set, 'node', setup(), 'run', file], { env: environment })
      return JSON.parse(stdout) as unknown
    }
    expect(await started()).toEqual(START_SETTINGS)
    const own = {
      MIMALLOC_PURGE_DELAY: '0',
      BUN_JSC_useWarmUpMarkedBlocks: '1',
      BUN_JSC_minEdenToOldGenerationRatio: '0.4',
      BUN_JSC_smallHeapGrowthFactor: '2',
      BUN_JSC_forceRAMSize: '1000000000',
      JE_MALLOC_CONF: 'dirty_decay_ms:5000',
    }
    expect(await started(...Object.entries(own).map((pair) => pair.join('=')))).toEqual(own)
  })

  test('forwards SIGTERM once and waits for the program', async () => {
    const file = await program(`
      let count = 0
      process.on('SIGTERM', () => { count++; setTimeout(() => { console.log('stopped after ' + count); process.exit(0) }, 100) })
      setInterval(() => {}, 1000)
      // Bun installs the handler in the background.
      setTimeout(() => console.log('ready'), 200)
    `)
    const child = Bun.spawn(['node', setup(), 'run', file], { env: { ...process.env, ...environment }, stdout: 'pipe' })
    let output = ''
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk
      if (output === 'ready\n') {
        child.kill('SIGTERM')
        child.kill('SIGTERM')
      }
    }
    expect(await child.exited).toBe(0)
    expect(output).toBe('ready\nstopped after 1\n')
  })

  test('records whether the packages for development are installed', async () => {
    const marker = join(checkout, 'node_modules/.setup.json')
    expect(await run(['node', setup(), 'packages'], { env: environment })).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await Bun.file(marker).json()).toMatchObject({ development: true })
    const file = await program('')
    expect(await run(['node', setup(), 'run', file], { env: environment })).toMatchObject({ exitCode: 0 })
    expect(await Bun.file(marker).json()).toMatchObject({ development: true })
  })

  test('ends by the signal that ended the program', async () => {
    const file = await program("process.kill(process.pid, 'SIGKILL')")
    expect(await run(['node', setup(), 'run', file], { env: environment })).toMatchObject({ signal: 'SIGKILL' })
  })

  test('bundles the page before it starts the service, and does not start it when that fails', async () => {
    const [build, service] = [join(checkout, 'src/cli/main.ts'), join(checkout, 'src/main.ts')]
    const env = { ...environment, NATS_URL: 'nats://127.0.0.1:1' }
    await Bun.write(service, `console.log(await Bun.file('built').text())`)
    await Bun.write(build, `await Bun.write('built', 'bundled')`)
    expect(await run(['node', setup(), 'start'], { env })).toMatchObject({ exitCode: 0, stdout: 'bundled\n' })
    await Bun.write(build, `throw new Error('no such style')`)
    const { exitCode, stdout, stderr } = await run(['node', setup(), 'start'], { env })
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toContain('no such style')
    expect(stderr).toContain('could not be built')
  })

  test('prints its usage when its command is unknown', async () => {
    const { exitCode, stderr } = await run(['node', setup(), 'stat'], { env: environment })
    expect(stderr).toStartWith('Usage: ')
    expect(exitCode).toBe(1)
  })
})
