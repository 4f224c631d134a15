import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Glob } from 'bun'
import packageFile from '../../package.json' with { type: 'json' }
import { createServiceMetrics } from '../../src/base/service-metrics.ts'
import { parseConfig } from '../../src/config.ts'
import { REJECTION_REASONS } from '../../src/events/rejection.ts'
import { createProcessMetrics } from '../../src/host/process/process-metrics.ts'
import { readProcessUsage } from '../../src/host/process/process-usage.ts'
import { withApiTables, withEngagementTable } from '../support/repository/api-tables.ts'

const MAX_README_LINES = 200

const root = join(import.meta.dir, '../..')
const paths = ['README.md', 'CHANGELOG.md', ...new Glob('docs/**/*.md').scanSync({ cwd: root })].toSorted()
const pages = new Map(
  await Promise.all(paths.map(async (path) => [path, await Bun.file(join(root, path)).text()] as const)),
)
const allText = [...pages.values()].join('\n')
const sourceFiles = [...new Glob('src/**/*.ts').scanSync({ cwd: root, absolute: true })]
const source = (await Promise.all(sourceFiles.map((file) => Bun.file(file).text()))).join('\n')
const metricNames = [...Object.values(createServiceMetrics()), ...createProcessMetrics(readProcessUsage)()].map(
  ({ name }) => name,
)

/** The text below a heading of a page, up to the next heading of the same or a higher level. */
function section(path: string, title: string): string {
  const [, marks = '', text = ''] = new RegExp(`^(#+) ${title}\\n([\\s\\S]*)`, 'm').exec(pages.get(path)!) ?? []
  return text.split(new RegExp(`^#{1,${marks.length}} `, 'm'))[0]!
}

/** The code spans in the first cells of the tables of `text`. */
function tableNames(text: string): string[] {
  return [...text.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell]) => codeSpans(cell!))
}

function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
}

function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '')
}

/** The fragments by which headings are linked. */
function fragments(text: string): string[] {
  const titles = [...withoutCodeBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

/** Why a link of a page leads nowhere; undefined when it resolves. */
function linkProblem(path: string, target: string): string | undefined {
  const [file = '', fragment] = target.split('#')
  const linked = file === '' ? path : relative(root, join(root, dirname(path), file))
  if (linked.startsWith('..') || file.startsWith('/') || !existsSync(join(root, linked)))
    return `${path} links ${target}, which does not exist`
  if (fragment !== undefined && !fragments(pages.get(linked) ?? '').includes(fragment))
    return `${path} links ${target}, a heading that does not exist`
  return undefined
}

const links = paths.flatMap((path) =>
  [...withoutCodeBlocks(pages.get(path)!).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({
    path,
    target: target!,
  })),
)

describe('the documentation', () => {
  test(`has a README of at most ${MAX_README_LINES} lines`, () => {
    expect(pages.get('README.md')!.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES)
  })

  test('links only files and headings that exist', () => {
    expect(links.length).toBeGreaterThan(200)
    expect(links.flatMap(({ path, target }) => linkProblem(path, target) ?? [])).toEqual([])
  })

  test.each([
    ['docs/api.md', 'absent.md'],
    ['docs/api.md', '#absent'],
    ['docs/api.md', 'events.md#absent'],
    ['README.md', '/etc/passwd'],
  ])('control: %s must not link %s', (path, target) => {
    expect(linkProblem(path, target)).toContain(target)
  })

  test('has no page without a link', () => {
    const linked = links.map(({ path, target }) => relative(root, join(root, dirname(path), target.split('#')[0]!)))
    expect(paths.filter((path) => path !== 'README.md' && !linked.includes(path))).toEqual([])
  })

  test('names only scripts of package.json', () => {
    const named = [...allText.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, script, short]) => script ?? short!,
    )
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'simulate', 'dead-letters', 'migrate']))
    expect([...new Set(named)].filter((script) => !Object.hasOwn(packageFile.scripts, script))).toEqual([])
  })

  test('lists every configuration variable, and no other', () => {
    const read = new Set<string>()
    parseConfig(new Proxy({}, { get: (_, name) => void read.add(String(name)) }))
    expect(tableNames(pages.get('docs/configuration.md')!).toSorted()).toEqual([...read].toSorted())
    const first = tableNames(section('README.md', 'The first ten variables'))
    expect(first).toHaveLength(10)
    expect(first.filter((name) => !read.has(name))).toEqual([])
  })

  test('lists every metric, and no other', () => {
    expect(tableNames(section('docs/operations.md', 'Metrics')).toSorted()).toEqual(metricNames.toSorted())
  })

  test('has the tables of dashboards and metrics as they are defined', () => {
    const page = pages.get('docs/api.md')!
    expect(withApiTables(page)).toBe(page)
    const engagement = pages.get('docs/engagement.md')!
    expect(withEngagementTable(engagement)).toBe(engagement)
  })

  test('names no metric or table that does not exist', async () => {
    const files = await Array.fromAsync(new Glob('migrations/*.sql').scan({ cwd: root, absolute: true }))
    const statements = await Promise.all(files.map((file) => Bun.file(file).text()))
    const tables = statements.flatMap((sql) => /\.(analytics_\w+)/.exec(sql)?.[1] ?? [])
    const named = codeSpans(allText).filter((code) => /^analytics_\w+$/.test(code))
    expect([...new Set(named)].filter((name) => ![...metricNames, ...tables].includes(name))).toEqual([])
  })

  test('names only streams and log messages of the source', () => {
    const streams = codeSpans(allText).filter((code) => /^ANALYTICS_[A-Z]+$/.test(code))
    const buckets = [...allText.matchAll(/`KV_([\w-]+)`/g)].map(([, bucket]) => bucket!)
    const messages = codeSpans(section('docs/operations.md', 'Logs')).filter((code) => code.includes(' '))
    expect([streams.length, buckets.length, messages.length].every((count) => count > 1)).toBe(true)
    const named = new Set([...streams, ...buckets, ...messages])
    expect([...named].filter((name) => !source.includes(name))).toEqual([])
  })

  test('lists every reason to reject an event, and no other', () => {
    const reasons = tableNames(section('docs/events.md', 'Rejections'))
    expect(reasons.toSorted()).toEqual(Object.keys(REJECTION_REASONS).toSorted())
  })
})
