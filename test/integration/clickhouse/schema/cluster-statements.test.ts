import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { CLUSTER, type Golden, goldenFiles } from '../../../support/store/cluster-golden.ts'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

const files = await goldenFiles()
const recorded = (name: string) => Bun.file(new URL(`../../../golden/cluster/${name}`, import.meta.url)).text()

/** No cluster can be started here: what one is told is read by the engine, and stands in files that a reader can judge. */
describe.each(Object.entries(files))(
  'what a cluster is told, as %s has it',
  (name: string, { text, statements }: Golden) => {
    let opened: TestStore
    beforeAll(async () => {
      opened = await openEmbeddedStore('cluster_statements_test')
    }, 60_000)
    afterAll(() => opened.close(), 60_000)

    const readByEngine = async (sql: string) => {
      const [row] = await opened.store.admin.query<{ formatted: string }>(
        'SELECT formatQuery({sql:String}) AS formatted',
        {
          sql,
        },
      )
      return row!.formatted
    }

    test('is what it was: `bun test/support/store/cluster-golden.ts` writes a wanted change', async () => {
      expect(text).toBe(await recorded(name))
    })

    test('is read by the engine, statement by statement, and means every node where it says so', async () => {
      expect(statements.length).toBeGreaterThan(5)
      for (const statement of statements) {
        const formatted = await readByEngine(statement)
        expect([statement, formatted.includes(`ON CLUSTER ${CLUSTER.name}`)]).toEqual([
          statement,
          statement.includes('ON CLUSTER'),
        ])
      }
    }, 60_000)

    test('control: what is no statement is refused', async () => {
      const broken = statements[0]!.replace(/\b(CREATE|SELECT)\b/, 'CREATE SELECT')
      expect(broken).not.toBe(statements[0]!)
      expect(await readByEngine(broken).catch(() => 'refused')).toBe('refused')
    })
  },
)

describe('the statements of a cluster', () => {
  const service = files['service.sql']!.statements
  const ofKind = (pattern: RegExp) => service.filter((statement) => pattern.test(statement))

  test('that store anything but the audit trail wait for a quorum', () => {
    const inserts = ofKind(/^-- \w+\nINSERT INTO (?!analytics_request_audit)/)
    expect(inserts.length).toBeGreaterThan(6)
    expect(inserts.filter((statement) => !/^-- (write|migration)\n/.test(statement))).toEqual([])
  })

  test('come with settings that have a name, and so are all in the file’s first lines', () => {
    expect(ofKind(/^-- (?!(migration|write|maintenance|read|requestAudit)\n)/)).toEqual([])
  })

  test('that look at what a node has for itself look at the table that holds the rows', () => {
    const looks = ofKind(/FROM system\.(parts|mutations|projections|projection_parts)\b/)
    expect(looks.length).toBeGreaterThan(4)
    expect(looks.filter((statement) => /'analytics_(events|names)'/.test(statement))).toEqual([])
  })
})
