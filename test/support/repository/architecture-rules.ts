import { codeOf, stringsOf, withoutComments } from './source-text.ts'

/**
 * The rules of the architecture as functions: each takes a source file and returns one sentence per violation, with its
 * place and its correction. They read text, not types. Paths are relative to the repository.
 */
export interface SourceFile {
  /** With forward slashes, relative to the root of the repository: `src/events/event-row.ts`. */
  readonly path: string
  readonly text: string
}

interface Import {
  readonly target: string
  readonly isTypeOnly: boolean
}

interface Module {
  /** Modules and root files that it may import. */
  readonly values: readonly string[]
  /** Modules of which it may import types only. */
  readonly types?: readonly string[]
  readonly packages: readonly string[]
}

/** A module that is missing here (cli, assembly, and the files main, service and edge) may import every module. */
const MODULES: Readonly<Record<string, Module>> = {
  // The labels of metrics are closed sets, which are defined with the parts that set them.
  base: { values: ['events', 'live'], packages: ['ipaddr.js'] },
  config: { values: ['base', 'messages', 'nats'], packages: [] },
  events: { values: ['base'], types: ['analytics'], packages: ['uuid'] },
  analytics: { values: ['base'], types: ['events'], packages: ['@sinclair/typebox'] },
  messages: { values: ['analytics', 'events', 'base'], packages: [] },
  ingest: { values: ['events', 'base'], packages: [] },
  definitions: { values: ['base'], packages: [] },
  delivery: { values: ['base'], packages: [] },
  mail: { values: ['delivery', 'base'], packages: ['nodemailer'] },
  reports: { values: ['analytics', 'definitions', 'delivery', 'base'], packages: ['@sinclair/typebox'] },
  alerts: {
    values: ['analytics', 'definitions', 'delivery', 'reports', 'base'],
    packages: ['@sinclair/typebox'],
  },
  nats: {
    values: ['ingest', 'events', 'cluster', 'definitions', 'delivery', 'alerts', 'base', 'host'],
    packages: ['nats'],
  },
  cluster: { values: ['base'], types: ['ingest'], packages: [] },
  clickhouse: {
    values: ['ingest', 'analytics', 'messages', 'events', 'base'],
    packages: ['@clickhouse/client', '@clickhouse/client-web', 'chdb'],
  },
  http: {
    values: ['analytics', 'alerts', 'definitions', 'delivery', 'reports', 'live', 'config', 'base'],
    packages: ['elysia', '@elysiajs/swagger', '@sinclair/typebox', 'jose'],
  },
  live: { values: ['analytics', 'base'], types: ['events'], packages: [] },
  host: {
    values: ['config', 'nats', 'base'],
    types: ['alerts', 'assembly', 'clickhouse', 'http'],
    packages: ['nats'],
  },
  web: {
    values: ['analytics', 'alerts', 'reports', 'events', 'base'],
    types: ['http'],
    packages: ['@preact/signals', 'preact', 'temporal-polyfill', 'uplot', 'view-modules'],
  },
}

const RUNTIME_PLACES =
  /^src\/(main\.ts|host\/|cli\/|nats\/server\/|clickhouse\/connection\/(embedded-engine|server\/server-inserts)\.ts)/
const ENVIRONMENT_PLACES = /^src\/(main\.ts|config\.ts|cli\/)/
const SQL_PLACES = /^src\/(clickhouse|analytics)\//
const SQL = /\bSELECT\b[\s\S]*\bFROM\b|\bINSERT\s+INTO\b|\b(CREATE|ALTER|DROP)\s+(TABLE|MATERIALIZED|VIEW|DATABASE)\b/
const VAGUE_WORDS = ['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'managers']
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.(tsx?|mjs)$/
const MAX_LINES = 250
/** The texts of a language are one file, however many there are. */
const LANGUAGE_FILE = /^src\/web\/messages\/[a-z]{2}\.ts$/
/** Edge providers load a module by its default export. */
const EDGE_ENTRY = 'src/edge.ts'
/** Joined from halves, so that this file does not contain them. */
const MACHINE_PATHS = [
  ['/wor', 'k/'],
  ['/tmp/scr', 'atch'],
  ['/hom', 'e/'],
].map((halves) => halves.join(''))

export function checkImports(file: SourceFile): string[] {
  const from = moduleOf(file.path)
  return importsOf(file).flatMap(({ target, isTypeOnly }) => {
    const isRelative = target.startsWith('.')
    const to = isRelative ? moduleOf(resolve(file.path, target)) : target
    if (!file.path.startsWith('src/')) return []
    if (isRelative && !resolve(file.path, target).startsWith('src/')) {
      return [`${file.path} imports ${target}: src must not depend on tests. Move the shared code into src.`]
    }
    if (isRelative && ['main', 'service'].includes(to) && !['main', 'cli'].includes(from)) {
      return [
        `${file.path} imports ${to}.ts: only main.ts, cli/ and tests may. Take the part as an argument; service.ts passes it.`,
      ]
    }
    const module = MODULES[from]
    if (module === undefined || to === from) return []
    if (!isRelative) {
      if (target.startsWith('node:') || module.packages.includes(packageOf(target))) return []
      return [
        `${file.path} imports the package ${target}: src/${from} may use ${listed(module.packages)}. ` +
          'Move the code to the module that uses the package, or declare a port that an adapter implements.',
      ]
    }
    if (module.values.includes(to) || (isTypeOnly && module.types?.includes(to))) return []
    if (module.types?.includes(to))
      return [`${file.path} imports values from ${to}: only its types. Write \`import type\`, or move the value.`]
    return [
      `${file.path} imports from ${to}: src/${from} may use ${listed([...module.values, ...(module.types ?? [])])}. ` +
        `Declare a port in ${from} that the other module implements, and connect the two in service.ts.`,
    ]
  })
}

export function checkRuntimeNames(file: SourceFile): string[] {
  if (!file.path.startsWith('src/')) return []
  const code = codeOf(file.text)
  const named = [/(?<![\w.#$])(?:Bun|Deno)\s*[.[]/, /(?<![\w.#$])process\s*[.[]/, /(?<![\w.#$])Buffer\b/].flatMap(
    (name) => name.exec(code)?.[0] ?? [],
  )
  const found = [
    ...named,
    ...importsOf(file).flatMap(({ target }) => (/^(node|bun):|^bun$/.test(target) ? [target] : [])),
  ]
  const environment = /\b(process|Bun|import\.meta)\.env\b/.exec(code)?.[0]
  return [
    ...(RUNTIME_PLACES.test(file.path) ? [] : found).map(
      (name) =>
        `${file.path} names ${name}: only main.ts, host/, cli/, nats/server/, the embedded engine and the inserts of a server may name a runtime. ` +
        'Use web standards (Uint8Array, crypto, fetch), or take a port that host/ implements.',
    ),
    ...(environment === undefined || ENVIRONMENT_PLACES.test(file.path)
      ? []
      : [
          `${file.path} reads the environment (${environment}): take the value from config.ts, which main.ts builds once.`,
        ]),
  ]
}

export function checkSql(file: SourceFile): string[] {
  if (!file.path.startsWith('src/') || SQL_PLACES.test(file.path)) return []
  const statement = stringsOf(file.text).find((literal) => SQL.test(literal))
  if (statement === undefined) return []
  return [
    `${file.path} holds SQL (${statement.trim().slice(0, 40)}…), which belongs in src/clickhouse, src/analytics and migrations only.`,
  ]
}

export function checkShape(file: SourceFile): string[] {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  const lines = file.text.split('\n').length - 1
  const vague = file.path.split(/[/.-]/).find((word) => VAGUE_WORDS.includes(word))
  const code = codeOf(file.text)
  return [
    ...(lines > MAX_LINES && !LANGUAGE_FILE.test(file.path)
      ? [`${file.path} has ${lines} lines: split it by meaning, ${MAX_LINES} is the limit.`]
      : []),
    ...(vague ? [`${file.path} is called ${vague}: name it after the one thing it does.`] : []),
    ...(FILE_NAME.test(name) ? [] : [`${file.path}: file names are kebab-case, after the main export.`]),
    ...(file.path !== EDGE_ENTRY && /^\s*export\s+default\b|\bas\s+default\b/m.test(code)
      ? [`${file.path} has a default export: export it by its name.`]
      : []),
  ]
}

export function checkPlaces(file: SourceFile): string[] {
  const place = MACHINE_PATHS.find((path) => file.text.includes(path))
  return place
    ? [
        `${file.path} names a path of one machine (${place}): use a path relative to the project, or the system's temporary folder.`,
      ]
    : []
}

/** One sentence per cycle of imports, imports of types included. */
export function checkCycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap(({ target }) => (target.startsWith('.') ? [resolve(file.path, target)] : [])),
    ]),
  )
  const cycles = new Set<string>()
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      const members = trail.slice(trail.indexOf(path))
      cycles.add(`${members.join(' → ')} → ${path} is a cycle: move what they share into a file that imports neither.`)
    }
    if (trail.includes(path) || done.has(path)) return
    for (const next of targets.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of targets.keys()) walk(path, [])
  return [...cycles]
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}

/** `src/events/event-row.ts` → `events`, `src/config.ts` → `config`. */
function moduleOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
}

/** `@sinclair/typebox/value` → `@sinclair/typebox`. */
function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

export function resolve(from: string, target: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1)
}

export function importsOf(file: SourceFile): Import[] {
  const code = withoutComments(file.text)
  const statements = code.matchAll(
    /^\s*(?:import|export)\s+(?:(type\s)?([\w\s{},*$]*?)\s*from\s*)?['"]([^'"\n]+)['"]/gm,
  )
  const calls = code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]/g)
  return [
    ...[...statements].map(([, type, names = '', target = '']) => ({
      target,
      isTypeOnly:
        type !== undefined || (names.startsWith('{') && names.replace(/[{}\s]/g, '') !== '' && everyNameIsType(names)),
    })),
    ...[...calls].map(([, target = '']) => ({ target, isTypeOnly: false })),
  ]
}

function everyNameIsType(names: string): boolean {
  const parts = names.replace(/[{}]/g, '').split(',')
  return parts.every((name) => name.trim() === '' || /^\s*type\s/.test(name))
}
