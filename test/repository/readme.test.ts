import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { Glob } from 'bun'
import { parseConfig } from '../../src/config.ts'
import { REJECTION_REASONS } from '../../src/events/rejection.ts'
import { createServiceMetrics } from '../../src/base/service-metrics.ts'
import packageFile from '../../package.json' with { type: 'json' }

/** The front door names many things of the house: none of them may be gone, and none of the lists it promises whole may miss one. */
const root = new URL('../..', import.meta.url).pathname
const readme = await Bun.file(`${root}README.md`).text()

/** The text below a heading, up to the next heading of its level or a higher one. */
function section(title: string): string {
  const [, marks = '', text = ''] = new RegExp(`^(#+) ${title}\\n([\\s\\S]*)`, 'm').exec(readme) ?? []
  return text.split(new RegExp(`^#{1,${marks.length}} `, 'm'))[0]!
}

/** What stands in code marks in the first cells of the tables of `text`. */
function tableNames(text: string): string[] {
  const firstCells = [...text.matchAll(/^\| (`[^|]*)\|/gm)].map(([, cell]) => cell!)
  return firstCells.flatMap(codeIn)
}

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)
}

/** The identifiers a heading is linked by, as the usual renderers make them. */
function anchors(): string[] {
  const titles = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  )
}

describe('the README', () => {
  const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)

  test('links files that are there, relative to itself', () => {
    const files = links.filter((target) => !target.startsWith('#'))
    expect(files.length).toBeGreaterThan(40)
    expect(files.filter((target) => !existsSync(root + target) || target.startsWith('/'))).toEqual([])
  })

  test('links headings that are there', () => {
    const own = links.filter((target) => target.startsWith('#')).map((target) => target.slice(1))
    expect(own).not.toEqual([])
    expect(own.filter((anchor) => !anchors().includes(anchor))).toEqual([])
  })

  test('names only scripts that package.json has', () => {
    const named = [...readme.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
      ([, script, short]) => script ?? short!,
    )
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'simulate', 'dead', 'migrate']))
    expect(named.filter((script) => !Object.hasOwn(packageFile.scripts, script))).toEqual([])
  })

  test('lists every variable the configuration reads, and no other', () => {
    const read = new Set<string>()
    const environment = new Proxy<Record<string, string | undefined>>(
      {},
      {
        get: (_, name) => {
          read.add(String(name))
          return undefined
        },
      },
    )
    parseConfig(environment)
    expect(tableNames(section('Configuration')).toSorted()).toEqual([...read].toSorted())
  })

  test('lists every metric, and no other', () => {
    const metrics = Object.values(createServiceMetrics()).map(({ name }) => name)
    const listed = tableNames(section('Operating it')).filter((name) => name.startsWith('analytics_'))
    expect(listed.toSorted()).toEqual(metrics.toSorted())
  })

  test('names no metric or table that there is not', async () => {
    const files = await Array.fromAsync(new Glob('migrations/*.sql').scan({ cwd: root, absolute: true }))
    const statements = await Promise.all(files.map((file) => Bun.file(file).text()))
    const tables = statements.flatMap((sql) => /\.(analytics_\w+)/.exec(sql)?.[1] ?? [])
    const known = [...Object.values(createServiceMetrics()).map(({ name }) => name), ...tables]
    const named = codeIn(readme).filter((code) => /^analytics_\w+$/.test(code))
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })

  test('lists every reason to refuse an event, and no other', () => {
    expect(tableNames(section('Refused events')).toSorted()).toEqual(Object.keys(REJECTION_REASONS).toSorted())
  })
})
