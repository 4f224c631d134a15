import { afterAll, describe, expect, test } from 'bun:test'
import { connect, type NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { changeDefinition } from '../../../src/definitions/change-definition.ts'
import { DEFINITION_LIMITS, KEPT_VERSIONS } from '../../../src/definitions/ports.ts'
import { Definitions } from '../../../src/nats/definitions/definitions.ts'
import { eraseDefinitions } from '../../../src/nats/definitions/erase-definitions.ts'
import { DEFINITIONS_BUCKET } from '../../../src/nats/names.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { until } from '../../support/process/until.ts'

interface Body {
  readonly name: string
}

const STREAM = `KV_${DEFINITIONS_BUCKET}`
const server = await startNatsServer()
const ended = new AbortController()
const running: Promise<void>[] = []

async function open(connection: NatsConnection) {
  const logger = keepingLogger()
  const definitions = new Definitions({ clock: systemClock, logger, newId: () => crypto.randomUUID() })
  running.push(definitions.run(connection, ended.signal))
  const reports = definitions.of<Body>('report')
  await until(() => isLoaded(() => reports.list('t1')), 20_000, 'the definitions to be read')
  return { reports, schedules: definitions.of<Body>('schedule'), logger }
}

function isLoaded(list: () => unknown): boolean {
  try {
    return Boolean(list())
  } catch {
    return false
  }
}

const connections = [await connect({ servers: server.url }), await connect({ servers: server.url })] as const
const [one, two] = [await open(connections[0]), await open(connections[1])]

afterAll(async () => {
  ended.abort()
  await Promise.all(running)
  await Promise.all(connections.map((connection) => connection.close()))
  await server.stop()
})

const outcomeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'stored',
    (error: { reason?: string }) => error.reason,
  )
const keys = async () => {
  const jsm = await connections[0].jetstreamManager()
  const { state } = await jsm.streams.info(STREAM, { subjects_filter: '>' })
  return Object.keys(state.subjects ?? {})
}

describe('definitions of two processes', () => {
  test('what one stores, the other finds at once, lists, changes and removes', async () => {
    const created = await one.reports.create('t1', { name: 'a' })
    expect(created).toMatchObject({ tenantId: 't1', version: 1, body: { name: 'a' } })
    expect(await two.reports.find('t1', created.id)).toEqual(created)
    const changed = await two.reports.replace('t1', created.id, { name: 'b' }, created.revision)
    expect(changed).toMatchObject({ id: created.id, version: 2, createdAt: created.createdAt, body: { name: 'b' } })
    await until(() => one.reports.list('t1')[0]?.version === 2, 10_000, 'the change to arrive')
    expect(one.reports.list('t1')).toEqual([changed])
    expect(one.reports.all()).toContainEqual(changed)
    await one.reports.remove('t1', created.id, changed.revision)
    expect(one.reports.list('t1')).toEqual([])
    expect(await two.reports.find('t1', created.id)).toSatisfy((found) => found === undefined || found.version === 2)
    await until(() => two.reports.list('t1').length === 0, 10_000, 'the removal to arrive')
    expect(await two.reports.find('t1', created.id)).toBeUndefined()
  })

  test('of two writers with one revision one wins, and the other is told', async () => {
    const { id, revision } = await one.reports.create('t1', { name: 'first' })
    const outcomes = await Promise.all(
      [one, two].map(({ reports }, index) => outcomeOf(reports.replace('t1', id, { name: `w${index}` }, revision))),
    )
    expect(new Set(outcomes)).toEqual(new Set(['conflict', 'stored']))
    expect(await outcomeOf(one.reports.replace('t1', id, { name: 'late' }, revision))).toBe('conflict')
    expect(await outcomeOf(one.reports.remove('t1', id, revision))).toBe('conflict')
    expect(await outcomeOf(one.reports.replace('t1', 'no-such', { name: 'x' }, 1))).toBe('missing')
    expect((await one.reports.versions('t1', id)).map(({ version, body }) => [version, body])).toEqual([
      [2, { name: outcomes[0] === 'stored' ? 'w0' : 'w1' }],
      [1, { name: 'first' }],
    ])
  })

  test('changes at the same time all take place when each is repeated after a conflict', async () => {
    const { id } = await one.reports.create('t1', { name: '' })
    const add = ({ reports }: typeof one, letter: string) =>
      changeDefinition(reports, 't1', id, ({ name }) => ({ name: name + letter }))
    await Promise.all([add(one, 'a'), add(two, 'b'), add(one, 'c'), add(two, 'd')])
    const found = await one.reports.find('t1', id)
    expect(new Set(found?.body.name.split(''))).toEqual(new Set('abcd'.split('')))
    expect(found?.body.name).toHaveLength(4)
    expect(await changeDefinition(one.reports, 't1', 'no-such', () => ({ name: 'x' }))).toBeUndefined()
  })

  test('a tenant and a kind see their own only, whatever the ids of tenants look like', async () => {
    const { id } = await one.reports.create('a.b', { name: 'theirs' })
    for (const tenant of ['a_b', 'a:b', 'a_db', 'a', 'a.b.c']) {
      expect(await one.reports.find(tenant, id)).toBeUndefined()
      expect(one.reports.list(tenant)).toEqual([])
      expect(await outcomeOf(one.reports.versions(tenant, id))).toBe('missing')
    }
    expect(await one.schedules.find('a.b', id)).toBeUndefined()
    for (const text of ['*', '>', `${id}.1`, '', 'x'.repeat(65)])
      expect(await one.reports.find('a.b', text)).toBeUndefined()
  })

  test('keeps the newest versions, and nothing of what was removed', async () => {
    const { id, ...first } = await one.reports.create('t-old', { name: 'v1' })
    let { revision } = first
    for (let version = 2; version <= KEPT_VERSIONS + 2; version++)
      ({ revision } = await one.reports.replace('t-old', id, { name: `v${version}` }, revision))
    const names = (await two.reports.versions('t-old', id)).map(({ body }) => body.name)
    expect(names).toEqual(Array.from({ length: KEPT_VERSIONS }, (_, index) => `v${KEPT_VERSIONS + 2 - index}`))
    const ofTenant = async () => (await keys()).filter((key) => key.includes('.t-old.'))
    expect(await ofTenant()).toHaveLength(KEPT_VERSIONS)
    await one.reports.remove('t-old', id, revision)
    expect(await ofTenant()).toEqual([expect.stringContaining('.current.report.t-old.')])
  })

  test('of definitions beyond the limit, created by both at the same time, exactly the ones beyond it are refused', async () => {
    const limit = DEFINITION_LIMITS.report
    const create = (index: number) => outcomeOf((index % 2 ? one : two).reports.create('t-many', { name: `${index}` }))
    const outcomes: (string | undefined)[] = []
    while (outcomes.length < limit + 20)
      outcomes.push(...(await Promise.all(Array.from({ length: 20 }, (_, index) => create(index)))))
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(limit)
    expect(outcomes.filter((outcome) => outcome === 'limit')).toHaveLength(20)
    await until(() => two.reports.list('t-many').length === limit, 10_000, 'both copies to agree')
    expect(one.reports.list('t-many')).toEqual(two.reports.list('t-many'))
    const [oldest] = one.reports.list('t-many')
    await one.reports.remove('t-many', oldest!.id, oldest!.revision)
    await one.reports.create('t-many', { name: 'again' })
  }, 60_000)

  test('erases what a tenant has defined, and nothing of others', async () => {
    const { id, revision } = await one.reports.create('t-gone', { name: 'a' })
    await one.reports.replace('t-gone', id, { name: 'b' }, revision)
    await one.schedules.create('t-gone', { name: 's' })
    const kept = await one.reports.create('t-gone-not', { name: 'kept' })
    expect(await eraseDefinitions(connections[0], 't-gone')).toEqual({ report: 1, schedule: 1, alert: 0 })
    await until(() => two.reports.list('t-gone').length + two.schedules.list('t-gone').length === 0, 10_000)
    expect((await keys()).filter((key) => key.includes('.version.report.t-gone.'))).toEqual([])
    expect(await one.reports.find('t-gone', id)).toBeUndefined()
    expect(await one.reports.find('t-gone-not', kept.id)).toEqual(kept)
  })

  test('follows the bucket again after the broker was killed, and reads from the copy meanwhile', async () => {
    const before = await one.reports.create('t-kill', { name: 'before' })
    await until(() => two.reports.list('t-kill').length === 1, 10_000)
    await server.kill9()
    expect(two.reports.list('t-kill')).toEqual([before])
    expect(await outcomeOf(one.reports.create('t-kill', { name: 'lost' }))).toBe('unavailable')
    await server.restart()
    await until(async () => (await outcomeOf(one.reports.create('t-kill', { name: 'after' }))) === 'stored', 20_000)
    const names = () => two.reports.list('t-kill').map(({ body }) => body.name)
    await until(() => names().includes('after'), 60_000, 'the other copy to follow')
    expect(names()).toContain('before')
  }, 120_000)
})
