import { describe, expect, test } from 'bun:test'
import { Glob } from 'bun'
import {
  checkCycles,
  checkImports,
  checkPlaces,
  checkRuntimeNames,
  checkShape,
  checkSql,
  type SourceFile,
} from '../support/repository/architecture-rules.ts'
import { checkFolders } from '../support/repository/folder-rules.ts'
import { checkWallClock } from '../support/repository/clock-rules.ts'
import { checkEdge } from '../support/repository/edge-rules.ts'
import { checkMarkup } from '../support/repository/page-rules.ts'
import { checkRandomness } from '../support/repository/random-rules.ts'

const root = new URL('../..', import.meta.url).pathname

async function read(pattern: string): Promise<SourceFile[]> {
  const paths = await Array.fromAsync(new Glob(pattern).scan({ cwd: root, dot: true }))
  return Promise.all(paths.toSorted().map(async (path) => ({ path, text: await Bun.file(root + path).text() })))
}

const sources = await read('{src,test}/**/*.{ts,tsx,mjs}')
const written = [
  ...sources,
  ...(await read('{migrations,.ci}/**/*')),
  ...(await read(
    '{Dockerfile,*.yml,*.toml,*.md,.*rc.json,knip.json,deno.json,package.json,tsconfig.json,.dockerignore}',
  )),
]

describe('the architecture', () => {
  test('has source files to check', () => {
    expect(sources.map((file) => file.path)).toContain('src/cli/setup.mjs')
    expect(written.map((file) => file.path)).toContain('.ci/run')
  })

  test('has imports in the agreed directions only', () => expect(sources.flatMap(checkImports)).toEqual([]))
  test('imports between the folders of a module in the agreed directions only', () => {
    expect(sources.flatMap(checkFolders)).toEqual([])
  })
  test('has no cycles', () => expect(checkCycles(sources)).toEqual([]))
  test('uses a runtime and the environment only in the host and its entry points', () => {
    expect(sources.flatMap(checkRuntimeNames)).toEqual([])
  })
  test('keeps SQL in clickhouse, analytics and migrations', () => expect(sources.flatMap(checkSql)).toEqual([]))
  test('measures durations with the monotonic clock', () => expect(sources.flatMap(checkWallClock)).toEqual([]))
  test('has small files with descriptive names and named exports', () => {
    expect(sources.flatMap(checkShape)).toEqual([])
  })
  test('draws at random from the seed of the test run', () => expect(sources.flatMap(checkRandomness)).toEqual([]))
  test('creates no markup from text', () => expect(sources.flatMap(checkMarkup)).toEqual([]))
  test('imports nothing into the edge entry that an edge runtime does not have', () =>
    expect(checkEdge(sources)).toEqual([]))
  test('contains no path of one machine', () => expect(written.flatMap(checkPlaces)).toEqual([]))
})

/** Controls: each rule refuses a violation and accepts a similar line that is permitted. */
describe('each rule refuses a violation', () => {
  const importing = (path: string, line: string) => checkImports({ path, text: `${line}\n` })

  test.each([
    ['src/events/event-row.ts', `import { shape } from '../analytics/overview.ts'`, 'only its types'],
    [
      'src/events/event-row.ts',
      `import {\n  type Shape,\n  shape,\n} from '../analytics/overview.ts'`,
      'only its types',
    ],
    ['src/analytics/rates.ts', `import { connect } from '../nats/connection.ts'`, 'may use base, events'],
    ['src/ingest/writer/writer.ts', `import { connect } from '../../clickhouse/connect.ts'`, 'Declare a port'],
    ['src/ingest/writer/writer.ts', `import { connect } from 'nats'`, 'the package nats'],
    [
      'src/nats/consumer/event-source.ts',
      `import type { Store } from '../../clickhouse/event-store.ts'`,
      'Declare a port',
    ],
    ['src/cluster/membership.ts', `import { Ingestion } from '../ingest/ingestion.ts'`, 'only its types'],
    ['src/clickhouse/read/query-port.ts', `export { pull } from '../../nats/pull.ts'`, 'Declare a port'],
    ['src/http/app.ts', `const { query } = await import('../clickhouse/query.ts')`, 'Declare a port'],
    ['src/web/layout/root.tsx', `import { createApp } from '../../http/app.ts'`, 'only its types'],
    ['src/web/views/overview.tsx', `import { useState } from 'react'`, 'the package react'],
    ['src/live/live-hub.ts', `import { eventKind } from '../events/catalogue.ts'`, 'only its types'],
    ['src/base/logger.ts', `import { config } from '../http/app.ts'`, 'imports from http'],
    ['src/http/app.ts', `import { buildService } from '../service.ts'`, 'only main.ts, cli/ and tests'],
    ['src/service.ts', `import { run } from './main.ts'`, 'only main.ts, cli/ and tests'],
    ['src/http/app.ts', `import { tokenFor } from '../../test/support/http/tokens.ts'`, 'depend on tests'],
  ])('%s may not contain: %s', (path, line, sentence) => {
    expect(importing(path, line).join()).toContain(sentence)
  })

  test.each([
    ['src/events/event-row.ts', `import type { Shape } from '../analytics/overview.ts'`],
    ['src/events/event-row.ts', `import { type Shape } from '../analytics/overview.ts'`],
    ['src/events/identity.ts', `import { v5 } from 'uuid'`],
    ['src/nats/consumer/event-source.ts', `import type { EventSource } from '../../ingest/ports.ts'`],
    ['src/cli/dead-letters.ts', `import { connect } from '../nats/connection.ts'`],
    ['src/main.ts', `import { buildService } from './service.ts'`],
    ['src/web/views/overview.tsx', `import { rate } from '../../analytics/rates.ts'`],
    ['src/web/views/overview.tsx', `import { useSignal } from '@preact/signals'`],
    ['src/web/views/views.ts', `import { viewModules } from 'view-modules'`],
    ['src/ingest/writer/writer.ts', `// import { connect } from 'nats'`],
    ['test/unit/app.test.ts', `import { app } from '../../src/http/app.ts'`],
  ])('%s may contain: %s', (path, line) => {
    expect(importing(path, line)).toEqual([])
  })

  test.each([
    ['src/nats/consumer/pull.ts', '../partitions/partition-stream.ts', 'may use files in no folder, old-servers'],
    ['src/nats/connection.ts', './consumer/delivery.ts', 'may use none'],
    ['src/nats/replays/replay.ts', '../connection.ts', 'missing in FOLDERS'],
    ['src/clickhouse/read/query-port.ts', '../write/event-store.ts', 'may use connection'],
    ['src/clickhouse/connection/server/server-store.ts', '../../schema/migrate.ts', 'may use none'],
  ])('%s must not import from the folder of %s', (path, target, sentence) => {
    expect(checkFolders({ path, text: `import { a } from '${target}'\n` }).join()).toContain(sentence)
  })

  test('src/nats/partitions may import from the folder consumer', () => {
    const text = "import { a } from '../consumer/event-source.ts'\n"
    expect(checkFolders({ path: 'src/nats/partitions/partition-source.ts', text })).toEqual([])
  })

  test.each([
    "import { join } from 'node:path'",
    'Bun.sleep(1)',
    'Deno.cwd()',
    'const id = `${process.pid}`',
    'Buffer.from(bytes)',
  ])('outside of the host no file may contain: %s', (text) => {
    expect(checkRuntimeNames({ path: 'src/http/app.ts', text })).toHaveLength(1)
    expect(checkRuntimeNames({ path: 'src/host/project-files.ts', text })).toEqual([])
  })

  test('an environment read is refused even where the runtime may be named', () => {
    expect(checkRuntimeNames({ path: 'src/host/project-files.ts', text: 'process.env.HOME' })).toHaveLength(1)
    expect(checkRuntimeNames({ path: 'src/config.ts', text: '// process.env is read in main' })).toEqual([])
  })

  test.each(['const t = clock.now()', 'const t = this.#clock.now()', 'const t = Date.now()', 'const t = new Date()'])(
    'the wall clock is read only where a date is needed, so refused here: %s',
    (text) => {
      expect(checkWallClock({ path: 'src/ingest/quotas.ts', text })).toHaveLength(1)
      expect(checkWallClock({ path: 'src/ingest/quotas.ts', text: 'const t = clock.monotonic()' })).toEqual([])
      expect(checkWallClock({ path: 'src/base/logger.ts', text })).toEqual([])
      expect(checkWallClock({ path: 'src/base/logger.ts', text: 'const t = 0' })).toHaveLength(1)
    },
  )

  test('SQL in a string is refused, the same words in a sentence are not', () => {
    expect(checkSql({ path: 'src/http/app.ts', text: 'query(`SELECT 1\n FROM t`)' })).toHaveLength(1)
    expect(
      checkSql({ path: 'src/http/app.ts', text: "fail('select a day from the list') // SELECT x FROM y" }),
    ).toEqual([])
    expect(checkSql({ path: 'src/analytics/dashboards/overview.ts', text: 'query(`SELECT 1 FROM t`)' })).toEqual([])
  })

  test.each([
    ['src/http/app.ts', '\n'.repeat(251), '251 lines'],
    ['src/http/utils.ts', '', 'called utils'],
    ['src/http/query-helpers.ts', '', 'called helpers'],
    ['src/http/queryPort.ts', '', 'kebab-case'],
    ['src/web/layout/AppLayout.tsx', '', 'kebab-case'],
    ['src/http/app.ts', 'export default app', 'default export'],
  ])('%s with %j is refused', (path, text, sentence) => {
    expect(checkShape({ path, text }).join()).toContain(sentence)
  })

  test('a cycle is named with its members', () => {
    const file = (path: string, target: string) => ({ path, text: `import type { A } from './${target}.ts'` })
    const cycle = [file('src/a.ts', 'b'), file('src/b.ts', 'c'), file('src/c.ts', 'a')]
    expect(checkCycles(cycle)).toEqual([expect.stringContaining('src/a.ts → src/b.ts → src/c.ts → src/a.ts')])
    expect(checkCycles(cycle.slice(0, 2))).toEqual([])
    const component = { path: 'src/d.tsx', text: `import { e } from './e.ts'` }
    const back = { path: 'src/e.ts', text: `const { D } = await import('./d.tsx')` }
    expect(checkCycles([component, back])).toEqual([expect.stringContaining('src/d.tsx → src/e.ts → src/d.tsx')])
  })

  test.each([
    'a.innerHTML = name',
    'a.insertAdjacentHTML(x, name)',
    'document.write(name)',
    "a.setAttribute('srcdoc', x)",
    'return <p dangerouslySetInnerHTML={{ __html: name }} />',
  ])('the page may not contain: %s', (text) => {
    expect(checkMarkup({ path: 'src/web/note.tsx', text })).toHaveLength(1)
    expect(checkMarkup({ path: 'src/web/note.tsx', text: 'return <p>{name}</p> // not innerHTML' })).toEqual([])
  })

  test.each(['node:fs', 'bun', '@clickhouse/client', 'nats', 'chdb/connection'])(
    'the edge entry may not import %s, except its types',
    (target) => {
      const files = (line: string) => [
        { path: 'src/edge.ts', text: `import { a } from './http/a.ts'` },
        { path: 'src/http/a.ts', text: line },
      ]
      expect(checkEdge(files(`import { b } from '${target}'`))).toEqual([expect.stringContaining(target)])
      expect(checkEdge(files(`import type { B } from '${target}'`))).toEqual([])
      expect(checkEdge(files(`import { b } from '@clickhouse/client-web'`))).toEqual([])
    },
  )

  test.each(['const chance = Math.random()', "import * as fc from 'fast-check'"])(
    'a test may not contain: %s',
    (text) => {
      expect(checkRandomness({ path: 'test/unit/a.test.ts', text })).toHaveLength(1)
      expect(checkRandomness({ path: 'test/support/base/properties.ts', text })).toEqual([])
    },
  )

  test('a default export is for the edge entry alone', () => {
    expect(checkShape({ path: 'src/edge.ts', text: 'export default {}' })).toEqual([])
  })

  test('a path of one machine is refused', () => {
    expect(checkPlaces({ path: 'README.md', text: `cd ${['', 'home', 'me'].join('/')}` })).toHaveLength(1)
  })
})
