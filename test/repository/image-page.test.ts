/** The image bundles the page from the files that the Dockerfile copies: these have to be enough, for the same page as here. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPage } from '../../src/host/bun/build-page.ts'
import { PAGE_FOLDER, type PageManifest, readPageManifest } from '../../src/host/page-files.ts'

const root = new URL('../..', import.meta.url).pathname
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
const [lastStage = ''] = dockerfile.split(/^(?=FROM )/m).slice(-1)

const image = mkdtempSync(join(tmpdir(), 'outreach-image-'))
let expected: PageManifest
beforeAll(async () => {
  await buildPage()
  expected = readPageManifest(PAGE_FOLDER)!
}, 30_000)
afterAll(() => rmSync(image, { recursive: true }))

/** The texts of the files by their names, both without the hashes in the names: these depend on the folder of the packages. Several files have the same name but for them. */
function textsOf(folder: string, { files }: PageManifest): Record<string, string[]> {
  const hashes = Object.keys(files).flatMap((name) => /-([0-9a-z]{8})\./.exec(name)?.[1] ?? [])
  const withoutHashes = (text: string) => hashes.reduce((rest, hash) => rest.replaceAll(hash, ''), text)
  const names = Map.groupBy(Object.keys(files).toSorted(), withoutHashes)
  return Object.fromEntries(
    [...names].map(([name, same]) => [
      name,
      same.map((each) => withoutHashes(readFileSync(join(folder, each), 'utf8'))).toSorted(),
    ]),
  )
}

test('the page contains no package that is for development only', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>
  }
  const bundled = new Set(
    Object.keys(expected.sources).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  )
  expect(bundled).toContain('node_modules/uplot')
  for (const path of bundled) {
    const { dev = false, optional = false } = packages[path]!
    expect([path, dev, optional]).toEqual([path, false, false])
  }
})

test('the files that the Dockerfile copies are bundled into the same page, by the same bundler', () => {
  const copied = [...lastStage.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths]) => paths!.split(' '))
  expect(copied).toContain('src')
  // Everything else is hidden from the build.
  const visible = readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.*)$/gm)
  expect([...visible].map(([, path]) => path!)).toEqual(expect.arrayContaining(copied))
  for (const path of copied) cpSync(join(root, path), join(image, path), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(image, 'node_modules'))
  const [, command = ''] = /^RUN (\[.*"build-page"\])$/m.exec(lastStage) ?? []
  const [, ...args] = JSON.parse(command) as string[]
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, ...args], { cwd: image })
  expect([exitCode, exitCode === 0 ? '' : stderr.toString()]).toEqual([0, ''])
  const folder = join(image, '.build', 'page')
  const built = readPageManifest(folder)!
  expect(textsOf(folder, built)).toEqual(textsOf(PAGE_FOLDER, expected))
  expect(built.builtWith).toBe(expected.builtWith)
  expect(lastStage).toStartWith(`FROM oven/${built.builtWith.replace(' ', ':')}-`)
}, 30_000)
