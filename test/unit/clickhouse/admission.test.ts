import { describe, expect, test } from 'bun:test'
import { Admission } from '../../../src/clickhouse/admission.ts'
import { StoreFailure } from '../../../src/errors.ts'
import { ManualClock, settled } from '../../support/manual-clock.ts'

function stage(resources: readonly string[], { maxWaiting = 3, maxWaitMs = 1_000 } = {}) {
  const clock = new ManualClock(0)
  const admission = new Admission(
    resources.map((name) => ({ name })),
    { maxWaiting, maxWaitMs, clock },
  )
  const log: string[] = []
  /** Runs a task that ends when told to. */
  const start = (task: string) => {
    const gate = Promise.withResolvers<void>()
    // A task that was sent away never looks at its gate.
    gate.promise.catch(() => {})
    const done = admission
      .run(async ({ name }) => {
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
  return { clock, admission, log, start }
}

describe('admission', () => {
  test('runs as many at once as there are resources, each on its own', async () => {
    const { admission, log, start } = stage(['a', 'b'])
    start('1')
    start('2')
    start('3')
    await settled()
    expect(log.toSorted()).toEqual(['1 on b', '2 on a'])
    expect(admission.waitingCount).toBe(1)
  })

  test('lets those who wait in, first come, first served, also behind one that failed', async () => {
    const { log, start } = stage(['a'])
    const tasks = ['1', '2', '3', '4'].map(start)
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
    const tasks = ['1', '2', '3', '4'].map(start)
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
    start('last')
    start('too')
    await settled()
    expect(new Set(log.map((line) => line.split(' on ')[1]))).toEqual(new Set(['a', 'b']))
  })
})
