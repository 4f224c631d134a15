import { describe, expect, test } from 'bun:test'
import { QueryAdmission } from '../../../../src/clickhouse/read/query-admission.ts'
import { StoreFailure } from '../../../../src/base/errors.ts'
import { ManualClock, settled } from '../../../support/base/manual-clock.ts'

function setUp(resources: readonly string[], { maxWaiting = 3, maxWaitingPerTenant = 1_000, maxWaitMs = 1_000 } = {}) {
  const clock = new ManualClock(0)
  const admission = new QueryAdmission(
    resources.map((name) => ({ name })),
    { maxWaiting, maxWaitingPerTenant, maxWaitMs, clock },
  )
  const log: string[] = []
  /** Runs a task that ends when `finish` or `fail` is called. */
  const start = (task: string, tenant = 'any') => {
    const gate = Promise.withResolvers<void>()
    // A rejected task never awaits its gate.
    gate.promise.catch(() => {})
    const done = admission
      .run(tenant, async ({ name }) => {
        log.push(`${task} on ${name}`)
        await gate.promise
        return task
      })
      .catch((error: unknown) => (error instanceof StoreFailure ? `${error.kind}: ${error.message}` : 'failed'))
    return {
      done,
      finish: () => (gate.resolve(), settled()),
      fail: () => (gate.reject(new Error('broken')), settled()),
    }
  }
  return { clock, admission, log, start, started: () => log.map((line) => line.split(' on ')[0]) }
}

describe('admission', () => {
  test('forgets a waiting query whose signal is aborted', async () => {
    const { admission, log, start } = setUp(['a'])
    const running = start('1')
    await settled()
    const controller = new AbortController()
    const waiting = admission.run('any', () => Promise.resolve(log.push('2')), controller.signal)
    const failed = waiting.catch((error: unknown) => error)
    expect(admission.waitingCount).toBe(1)
    controller.abort('gone')
    expect([admission.waitingCount, await failed]).toEqual([0, 'gone'])
    await running.finish()
    expect(log).toEqual(['1 on a'])
  })

  test('runs one query per resource at a time', async () => {
    const { admission, log, start } = setUp(['a', 'b'])
    start('1', 'x')
    start('2', 'y')
    start('3', 'x')
    await settled()
    expect(log.toSorted()).toEqual(['1 on b', '2 on a'])
    expect(admission.waitingCount).toBe(1)
  })

  test('admits waiting queries in their order, also after one that failed', async () => {
    const { log, start } = setUp(['a'])
    const tasks = ['1', '2', '3', '4'].map((task) => start(task))
    await settled()
    await tasks[0]!.fail()
    await tasks[1]!.finish()
    await tasks[2]!.finish()
    await tasks[3]!.finish()
    expect(log).toEqual(['1 on a', '2 on a', '3 on a', '4 on a'])
    expect(await Promise.all(tasks.map(({ done }) => done))).toEqual(['failed', '2', '3', '4'])
  })

  test('rejects a query at once when too many are waiting', async () => {
    const { admission, start } = setUp(['a'], { maxWaiting: 2 })
    const tasks = ['1', '2', '3', '4'].map((task) => start(task))
    expect(await tasks[3]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(2)
  })

  test('rejects only the query that waited too long, and frees its place in the queue', async () => {
    const { clock, admission, log, start } = setUp(['a'], { maxWaiting: 2 })
    const running = start('1')
    const impatient = start('2')
    await clock.advance(600)
    const patient = start('3')
    await clock.advance(400)
    expect(await impatient.done).toStartWith('overloaded: Timed out waiting')
    expect(admission.waitingCount).toBe(1)
    await running.finish()
    await patient.finish()
    expect(await patient.done).toBe('3')
    expect(log).toEqual(['1 on a', '3 on a'])
    expect(clock.timerCount).toBe(0)
  })

  test('loses no resource when queries fail or are rejected', async () => {
    const { clock, log, start } = setUp(['a', 'b'])
    for (let round = 0; round < 20; round++) {
      const tasks = [start('x'), start('y'), start('z')]
      if (round % 3 === 0) await clock.advance(1_000)
      for (const task of tasks) await (round % 2 ? task.fail() : task.finish())
    }
    log.length = 0
    start('last', 'x')
    start('too', 'y')
    await settled()
    expect(new Set(log.map((line) => line.split(' on ')[1]))).toEqual(new Set(['a', 'b']))
  })
})

/** Each of these tests fails with one queue for all tenants. */
describe('admission is fair between tenants:', () => {
  /** A tenant with many more queries than resources. */
  const startGreedy = (start: (task: string, tenant?: string) => unknown) => {
    for (let index = 0; index < 20; index++) start(`greedy ${index}`, 'greedy')
  }

  test('a tenant alone leaves one resource free, so that the next tenant does not wait', async () => {
    const { started, start } = setUp(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    startGreedy(start)
    await settled()
    expect(started()).toEqual(['greedy 0', 'greedy 1', 'greedy 2'])
    start('mine', 'modest')
    await settled()
    expect(started()).toContain('mine')
  })

  test('an oversubscribed tenant gets fewer resources while a modest tenant is active, and more again after that', async () => {
    const { clock, started, start } = setUp(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    const greedy = Array.from({ length: 20 }, (_, index) => start(`greedy ${index}`, 'greedy'))
    const modest = start('mine', 'modest')
    await settled()
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    expect(started()).toEqual(['greedy 0', 'greedy 1', 'greedy 2', 'mine'])
    // The free resources are available to the modest tenant at once.
    const more = ['more 1', 'more 2'].map((task) => start(task, 'modest'))
    await settled()
    expect(started().slice(4)).toEqual(['more 1', 'more 2'])
    for (const task of [modest, ...more]) await task.finish()
    await greedy[2]!.finish()
    expect(started().slice(6)).toEqual(['greedy 3'])
    await clock.advance(100)
    await greedy[3]!.finish()
    expect(started().slice(6)).toEqual(['greedy 3', 'greedy 4', 'greedy 5', 'greedy 6'])
  })

  test('oversubscribed tenants share all resources equally', async () => {
    const { started, start } = setUp(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    const tasks = Array.from({ length: 20 }, (_, index) => start(`${'xy'[index % 2]} ${index}`, 'xy'[index % 2]))
    await settled()
    for (let index = 0; index < 10; index++) await tasks[index]!.finish()
    const running = started().slice(-4)
    expect(running.filter((task) => task?.startsWith('x'))).toHaveLength(2)
    expect(started()).toHaveLength(14)
  })

  test('tenants take turns, independent of the number of their waiting queries', async () => {
    const { started, start } = setUp(['a'], { maxWaiting: 100 })
    const greedy = Array.from({ length: 20 }, (_, index) => start(`greedy ${index}`, 'greedy'))
    const others = ['x', 'y'].map((tenant) => start(tenant, tenant))
    await settled()
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    for (const other of others) await other.finish()
    await greedy[2]!.finish()
    expect(started()).toEqual(['greedy 0', 'greedy 1', 'x', 'y', 'greedy 2', 'greedy 3'])
  })

  test('a tenant has a limited number of waiting queries, even if the queue has room', async () => {
    const { admission, start } = setUp(['a'], { maxWaiting: 100, maxWaitingPerTenant: 2 })
    const greedy = ['1', '2', '3', '4'].map((task) => start(task, 'greedy'))
    const mine = start('mine', 'modest')
    expect(await greedy[3]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(3)
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    await mine.finish()
    expect(await mine.done).toBe('mine')
  })

  test('when the queue is full, the last query of the longest queue is rejected', async () => {
    const { admission, start } = setUp(['a'], { maxWaiting: 4 })
    const greedy = ['1', '2', '3', '4', '5'].map((task) => start(task, 'greedy'))
    const mine = start('mine', 'modest')
    expect(await greedy[4]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(4)
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    await mine.finish()
    expect(await mine.done).toBe('mine')
  })

  test('with many tenants, each query runs once and no resource is lost', async () => {
    const { clock, admission, log, start } = setUp(['a', 'b', 'c'], { maxWaiting: 1_000 })
    const tasks = Array.from({ length: 300 }, (_, index) => start(`${index}`, `tenant ${(index * index) % 7}`))
    // In another order than they started, some before they were admitted.
    for (let index = 0; index < 300; index++) {
      await tasks[(index * 7) % 300]!.finish()
      if (index % 50 === 0) await clock.advance(60)
    }
    expect(await Promise.all(tasks.map(({ done }) => done))).toEqual(tasks.map((_, index) => `${index}`))
    expect(log).toHaveLength(300)
    expect(admission.waitingCount).toBe(0)
    expect(clock.timerCount).toBe(0)
    for (const tenant of ['x', 'y', 'z']) start(tenant, tenant)
    await settled()
    expect(new Set(log.slice(-3).map((line) => line.split(' on ')[1]))).toEqual(new Set(['a', 'b', 'c']))
  })
})
