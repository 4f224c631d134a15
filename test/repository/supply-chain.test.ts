import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import packageFile from '../../package.json' with { type: 'json' }
import { licenceList, productionPackages } from '../support/repository/licences.ts'
import { verdictOf } from '../support/repository/package-advisories.ts'

const root = new URL('../..', import.meta.url).pathname
const read = (file: string) => readFileSync(root + file, 'utf8')
const packages = productionPackages()

/** What may be shipped without asking anybody: none of these asks for more than to be named. */
const ALLOWED = ['MIT', 'MIT-0', 'Apache-2.0', 'BSD-3-Clause', 'Unlicense', '(MIT OR CC0-1.0)']

/** Packages that bring an install script. It never runs, and is not needed: why. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  bun: 'puts the runtime in place; the set-up runs that one file by itself, and the image has a runtime of its own',
  chdb: 'fetches a build where its package for the platform is missing; optional, and not in the image',
  '@scarf/scarf': 'tells its makers of installations, for swagger-ui-dist',
}

/** Builds of the embedded engine that the registry did not have when the lockfile was made, so that nobody could hash them: for platforms that no test runs on. */
const WITHOUT_HASH = ['@chdb/lib-darwin-arm64', '@chdb/lib-darwin-x64', '@chdb/lib-linux-arm64-gnu']

describe('the lockfile', () => {
  interface Entry {
    readonly integrity?: string
    readonly resolved?: string
  }
  const entries = Object.entries(
    (JSON.parse(read('package-lock.json')) as { packages: Record<string, Entry> }).packages,
  )
    // The empty path is the project itself.
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 13), ...entry }))

  test('has the SHA-512 hash of every package, so that npm ci refuses other contents', () => {
    expect(entries.length).toBeGreaterThan(200)
    const withoutHash = entries.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))
    expect(withoutHash.map(({ name }) => name)).toEqual(WITHOUT_HASH)
  })

  test('has no registry address: packages come from the configured registry', () => {
    expect(entries.filter(({ resolved }) => resolved !== undefined)).toEqual([])
  })
})

describe('packages that go into production', () => {
  test('have licences of a closed list', () => {
    expect(packages.length).toBeGreaterThan(30)
    expect(packages.filter(({ licence }) => !ALLOWED.includes(licence))).toEqual([])
  })

  test('are listed in docs/security.md with their licences, as npm run licences prints them', () => {
    const isListed = read('docs/security.md').includes(`\n${licenceList(packages)}\n`)
    expect(isListed).toBe(true)
  })

  test('need no install script: those with one are known, and neither the set-up nor the image runs it', () => {
    const withScript = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name)
    expect(withScript.toSorted()).toEqual(Object.keys(INSTALL_SCRIPTS).toSorted())
    const installs = [
      ...read('Dockerfile').matchAll(/npm (?:ci|i|install)\b.*/g),
      ...read('src/cli/setup/install-packages.mjs').matchAll(/const options = \[.*no-audit.*/g),
    ]
    expect(installs).toHaveLength(2)
    for (const [line] of installs) expect(line).toContain('--ignore-scripts')
    expect(Object.keys(packageFile.scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
  })
})

describe('the check for advisories', () => {
  const report = (severity: string) => JSON.stringify({ vulnerabilities: { left: { severity, range: '<2' } } })

  test('is part of npm run check', () => {
    expect(packageFile.scripts.check).toContain('check:packages')
  })

  test.each(['high', 'critical'])('fails on a finding of %s severity, and names the package', (severity) => {
    expect(verdictOf(report(severity))).toEqual({
      kind: 'findings',
      sentences: [`left <2 has an advisory of severity ${severity}.`],
    })
  })

  test('passes without findings, and with lesser ones', () => {
    for (const output of [report('moderate'), report('low'), '{"vulnerabilities":{}}'])
      expect(verdictOf(output).kind).toBe('clean')
  })

  test.each([
    ['a registry without advisories', '{"message":"405 Method Not Allowed","statusCode":405}'],
    ['no network', '{"error":{"code":"ENOTFOUND"}}'],
    ['words', 'npm error'],
    ['nothing', ''],
    ['no report', 'null'],
  ])('treats %s as no answer', (_, output) => {
    expect(verdictOf(output).kind).toBe('unknown')
  })
})
