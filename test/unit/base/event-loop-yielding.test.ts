import { describe, expect, test } from 'bun:test'
import { TimeSlices, PerTurnGate, EventLoopYielder } from '../../../src/base/event-loop-yielding.ts'

describe('the yielder', () => {
  test('does not yield while no request is pending', () => {
    expect(new EventLoopYielder().yieldIfBusy()).toBeUndefined()
  })

  test('yields while a request is pending: the event loop runs other work in between', async () => {
    const turns = new EventLoopYielder()
    const answer = Promise.withResolvers<string>()
    const served = turns.track(() => answer.promise)
    const order: string[] = []
    setTimeout(() => order.push('request'), 0)
    await turns.yieldIfBusy()
    order.push('ingestion')
    answer.resolve('answer')
    expect([order, await served]).toEqual([['request', 'ingestion'], 'answer'])
    expect(turns.yieldIfBusy()).toBeUndefined()
  })

  test('stops counting a request that fails, and still counts the others', async () => {
    const turns = new EventLoopYielder()
    const answer = Promise.withResolvers<void>()
    const other = turns.track(() => answer.promise)
    expect(turns.track(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await Promise.resolve()
    expect(turns.yieldIfBusy()).toBeInstanceOf(Promise)
    answer.resolve()
    await other
    expect(turns.yieldIfBusy()).toBeUndefined()
  })
})

describe('slices of a long task', () => {
  test('let the event loop continue between them', async () => {
    const slices = new TimeSlices()
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    // Without the slices the timer would not run until the deadline.
    const deadline = performance.now() + 10_000
    const isContinued = () => turns > 1 || performance.now() > deadline
    while (!isContinued()) await slices.yieldIfExpired()
    clearInterval(timer)
    expect(turns).toBeGreaterThan(1)
  })

  test('alternate with the slices of other tasks: one slice per turn', async () => {
    const order: number[] = []
    let turn = 0
    const turnOf: number[] = []
    const task = async (name: number) => {
      const slices = new TimeSlices()
      for (let slice = 0; slice < 3; slice++) {
        await slices.yieldIfExpired()
        order.push(name)
        turnOf.push(turn)
        const end = performance.now() + 10
        while (performance.now() < end);
      }
      await slices.yieldIfExpired()
    }
    const counting = setInterval(() => turn++, 0)
    await Promise.all([1, 2, 3].map(task))
    clearInterval(counting)
    expect(order.toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
    // Every task has its first slice before two tasks could have had all of theirs; on a busy machine one may have its second slice earlier.
    expect(new Set(order.slice(0, 5)).size).toBe(3)
    // On a busy machine several slices may begin in one turn; without slices all of them would.
    expect(new Set(turnOf).size).toBeGreaterThan(2)
  })
})

describe('a gate', () => {
  test('admits a limited number of callers per turn, in the order of their calls', async () => {
    const gate = new PerTurnGate(2)
    const order: string[] = []
    const pass = async (name: string) => {
      await gate.pass()
      order.push(name)
    }
    const all = ['a', 'b', 'c', 'd', 'e'].map(pass)
    const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 0))
    await Promise.resolve()
    expect(order).toEqual(['a', 'b'])
    await nextTurn()
    expect(order).toEqual(['a', 'b', 'c', 'd'])
    await Promise.all(all)
    expect(order).toEqual(['a', 'b', 'c', 'd', 'e'])
    await nextTurn()
    expect(gate.pass()).toBeUndefined()
  })
})
