import { expect, test } from 'bun:test'
import { Glob } from 'bun'

const root = new URL('../../../src/ingest/', import.meta.url)

/** The stages of `pipeline.ts` in the order of the flow; files outside of these places are no stage. */
const STAGES = ['intake.ts', 'event-router.ts', 'actors/', 'writer/', 'sinks/', 'accounting/']
const stageOf = (path: string) => STAGES.findIndex((place) => path.startsWith(place))

/** The imports of a file that lead to a stage before its own. */
function importsAgainstTheFlow(path: string, text: string): string[] {
  const own = stageOf(path)
  if (own === -1) return []
  return [...text.matchAll(/from '(\.[^']+)'/g)].flatMap(([, target]) => {
    const imported = new URL(target!, new URL(path, root)).href.slice(root.href.length)
    const stage = stageOf(imported)
    return stage !== -1 && stage < own ? [`${path} imports ${imported}, a stage before its own`] : []
  })
}

test('no stage of ingestion imports a stage before its own', async () => {
  const paths = await Array.fromAsync(new Glob('**/*.ts').scan({ cwd: root.pathname }))
  for (const place of STAGES) expect(paths.filter((path) => path.startsWith(place))).not.toEqual([])
  const texts = await Promise.all(
    paths.map(async (path) => [path, await Bun.file(new URL(path, root)).text()] as const),
  )
  expect(texts.flatMap(([path, text]) => importsAgainstTheFlow(path, text))).toEqual([])
})

test('control: an import against the flow is found', () => {
  const importing = (path: string) => `import { Supervisor } from '${path}'`
  expect(importsAgainstTheFlow('writer/writer.ts', importing('../actors/supervisor.ts'))).toEqual([
    'writer/writer.ts imports actors/supervisor.ts, a stage before its own',
  ])
  expect(importsAgainstTheFlow('event-router.ts', importing('./actors/supervisor.ts'))).toEqual([])
})
