import { expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { Timeline } from '../../../../src/cli/simulate/timeline.ts'

test('returns steps by due time, and those of the same time in the order in which they were scheduled', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (dueTimes) => {
      const timeline = new Timeline<string>()
      dueTimes.forEach((dueAt, order) => timeline.schedule(dueAt, () => `${dueAt}/${order}`))
      const taken: (string | undefined)[] = []
      while (timeline.nextDueAt !== Infinity) taken.push(timeline.takeNext()?.(timeline.nextDueAt))
      const expected = dueTimes
        .map((dueAt, order) => ({ dueAt, order }))
        .toSorted((one, other) => one.dueAt - other.dueAt)
      expect(taken).toEqual(expected.map(({ dueAt, order }) => `${dueAt}/${order}`))
      expect(timeline.takeNext()).toBeUndefined()
    }),
  )
})

test('returns steps by due time while new steps are scheduled', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined })), (actions) => {
      const timeline = new Timeline<number>()
      const waiting: number[] = []
      for (const dueAt of actions) {
        if (dueAt === undefined) {
          const next = waiting.toSorted((one, other) => one - other)[0]
          expect(timeline.nextDueAt).toBe(next ?? Infinity)
          expect(timeline.takeNext()?.(0)).toBe(next)
          if (next !== undefined) waiting.splice(waiting.indexOf(next), 1)
        } else {
          timeline.schedule(dueAt, () => dueAt)
          waiting.push(dueAt)
        }
      }
    }),
  )
})
