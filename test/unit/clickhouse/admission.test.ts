import { describe, expect, test } from 'bun:test'
import { QueryAdmission } from '../../../src/clickhouse/read/query-admission.ts'
import { StoreFailure } from '../../../src/base/errors.ts'
import { ManualClock, settled } from '../../support/base/manual-clock.ts'

function stage(resources: readonly string[], { maxWaiting = 3, maxWaitingOfOne = 1_000, maxWaitMs = 1_000 } = {}) {
  const clock = new ManualClock(0)
  const admission = new QueryAdmission(
    resources.map((name) => ({ name })),
    { maxWaiting, maxWaitingPerTenant: maxWaitingOfOne, maxWaitMs, clock },
  )
  const log: string[] = []
  /** Runs a task that ends when told to. */
  const start = (task: string, party = 'any') => {
    const gate = Promise.withResolvers<void>()
    // A task that was sent away never looks at its gate.
    gate.promise.catch(() => {})
    const done = admission
      .run(party, async ({ name }) => {
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
  return { clock, admission, log, start, begun: () => log.map((line) => line.split(' on ')[0]) }
}

describe('admission', () => {
  test('runs as many at once as there are resources, each on its own', async () => {
    const { admission, log, start } = stage(['a', 'b'])
    start('1', 'x')
    start('2', 'y')
    start('3', 'x')
    await settled()
    expect(log.toSorted()).toEqual(['1 on b', '2 on a'])
    expect(admission.waitingCount).toBe(1)
  })

  test('lets those who wait in, first come, first served, also behind one that failed', async () => {
    const { log, start } = stage(['a'])
    const tasks = ['1', '2', '3', '4'].map((task) => start(task))
    await settled()
    await tasks[0]!.fail()
    await tasks[1]!.finish()
    await tasks[2]!.finish()
    await tasks[3]!.finish()
    expect(log).toEqual(['1 on a', '2 on a', '3 on a', '4 on a'])
    expect(await Promise.all(tasks.map(({ done }) => done))).toEqual(['failed', '2', '3', '4'])
  })

  test('refuses at once who would wait behind too many', async () => {
    const { admission, start } = stage(['a'], { maxWaiting: 2 })
    const tasks = ['1', '2', '3', '4'].map((task) => start(task))
    expect(await tasks[3]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(2)
  })

  test('sends away who waited too long, and no one else; the place in the queue is free again', async () => {
    const { clock, admission, log, start } = stage(['a'], { maxWaiting: 2 })
    const running = start('1')
    const impatient = start('2')
    await clock.advance(600)
    const patient = start('3')
    await clock.advance(400)
    expect(await impatient.done).toStartWith('overloaded: The query waited too long')
    expect(admission.waitingCount).toBe(1)
    await running.finish()
    await patient.finish()
    expect(await patient.done).toBe('3')
    expect(log).toEqual(['1 on a', '3 on a'])
    expect(clock.timerCount).toBe(0)
  })

  test('loses no resource, whatever fails or is sent away', async () => {
    const { clock, log, start } = stage(['a', 'b'])
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

/** Each of these fails on a queue that is first come, first served. */
describe('admission is fair:', () => {
  /** One that keeps 20 waiting beside those that run. */
  const crowd = (start: (task: string, party?: string) => unknown) => {
    for (let index = 0; index < 20; index++) start(`greedy ${index}`, 'greedy')
  }

  test('one party alone leaves a resource to whoever comes next, who then does not wait', async () => {
    const { begun, start } = stage(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    crowd(start)
    await settled()
    expect(begun()).toEqual(['greedy 0', 'greedy 1', 'greedy 2'])
    start('mine', 'modest')
    await settled()
    expect(begun()).toContain('mine')
  })

  test('a crowd shrinks while another is there that wants little, and grows again once that has been gone for a moment', async () => {
    const { clock, begun, start } = stage(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    const greedy = Array.from({ length: 20 }, (_, index) => start(`greedy ${index}`, 'greedy'))
    const modest = start('mine', 'modest')
    await settled()
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    expect(begun()).toEqual(['greedy 0', 'greedy 1', 'greedy 2', 'mine'])
    // What is free then is for whoever wants little, all at once.
    const more = ['more 1', 'more 2'].map((task) => start(task, 'modest'))
    await settled()
    expect(begun().slice(4)).toEqual(['more 1', 'more 2'])
    for (const task of [modest, ...more]) await task.finish()
    await greedy[2]!.finish()
    expect(begun().slice(6)).toEqual(['greedy 3'])
    await clock.advance(100)
    await greedy[3]!.finish()
    expect(begun().slice(6)).toEqual(['greedy 3', 'greedy 4', 'greedy 5', 'greedy 6'])
  })

  test('crowds among themselves share everything evenly', async () => {
    const { begun, start } = stage(['a', 'b', 'c', 'd'], { maxWaiting: 100 })
    const tasks = Array.from({ length: 20 }, (_, index) => start(`${'xy'[index % 2]} ${index}`, 'xy'[index % 2]))
    await settled()
    for (let index = 0; index < 10; index++) await tasks[index]!.finish()
    const running = begun().slice(-4)
    expect(running.filter((task) => task?.startsWith('x'))).toHaveLength(2)
    expect(begun()).toHaveLength(14)
  })

  test('parties take turns, however many of one are waiting', async () => {
    const { begun, start } = stage(['a'], { maxWaiting: 100 })
    const greedy = Array.from({ length: 20 }, (_, index) => start(`greedy ${index}`, 'greedy'))
    const others = ['x', 'y'].map((party) => start(party, party))
    await settled()
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    for (const other of others) await other.finish()
    await greedy[2]!.finish()
    expect(begun()).toEqual(['greedy 0', 'greedy 1', 'x', 'y', 'greedy 2', 'greedy 3'])
  })

  test('one party may let only so many wait, whatever room there is', async () => {
    const { admission, start } = stage(['a'], { maxWaiting: 100, maxWaitingOfOne: 2 })
    const greedy = ['1', '2', '3', '4'].map((task) => start(task, 'greedy'))
    const mine = start('mine', 'modest')
    expect(await greedy[3]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(3)
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    await mine.finish()
    expect(await mine.done).toBe('mine')
  })

  test('where there is no room, the last of the longest queue makes some', async () => {
    const { admission, start } = stage(['a'], { maxWaiting: 4 })
    const greedy = ['1', '2', '3', '4', '5'].map((task) => start(task, 'greedy'))
    const mine = start('mine', 'modest')
    expect(await greedy[4]!.done).toBe('overloaded: Too many queries are waiting.')
    expect(admission.waitingCount).toBe(4)
    await greedy[0]!.finish()
    await greedy[1]!.finish()
    await mine.finish()
    expect(await mine.done).toBe('mine')
  })

  test('whatever parties come and go, each task runs once and no resource is lost', async () => {
    const { clock, admission, log, start } = stage(['a', 'b', 'c'], { maxWaiting: 1_000 })
    const tasks = Array.from({ length: 300 }, (_, index) => start(`${index}`, `party ${(index * index) % 7}`))
    // In another order than they came, some before they even ran.
    for (let index = 0; index < 300; index++) {
      await tasks[(index * 7) % 300]!.finish()
      if (index % 50 === 0) await clock.advance(60)
    }
    expect(await Promise.all(tasks.map(({ done }) => done))).toEqual(tasks.map((_, index) => `${index}`))
    expect(log).toHaveLength(300)
    expect(admission.waitingCount).toBe(0)
    expect(clock.timerCount).toBe(0)
    for (const party of ['x', 'y', 'z']) start(party, party)
    await settled()
    expect(new Set(log.slice(-3).map((line) => line.split(' on ')[1]))).toEqual(new Set(['a', 'b', 'c']))
  })
})
