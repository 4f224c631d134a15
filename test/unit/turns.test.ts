import { describe, expect, test } from 'bun:test'
import { Turns } from '../../src/turns.ts'

describe('turns', () => {
  test('are not given while nobody waits for an answer', () => {
    expect(new Turns().give()).toBeUndefined()
  })

  test('are given while somebody does: what the event loop has to do comes in between', async () => {
    const turns = new Turns()
    const answer = Promise.withResolvers<string>()
    const served = turns.serve(() => answer.promise)
    const order: string[] = []
    setTimeout(() => order.push('request'), 0)
    await turns.give()
    order.push('ingestion')
    answer.resolve('answer')
    expect([order, await served]).toEqual([['request', 'ingestion'], 'answer'])
    expect(turns.give()).toBeUndefined()
  })

  test('are no longer given to who got a failure for an answer, and still to the others', async () => {
    const turns = new Turns()
    const answer = Promise.withResolvers<void>()
    const other = turns.serve(() => answer.promise)
    expect(turns.serve(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await Promise.resolve()
    expect(turns.give()).toBeInstanceOf(Promise)
    answer.resolve()
    await other
    expect(turns.give()).toBeUndefined()
  })
})
