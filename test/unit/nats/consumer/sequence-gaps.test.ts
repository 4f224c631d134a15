import { describe, expect, test } from 'bun:test'
import { SequenceGaps } from '../../../../src/nats/consumer/sequence-gaps.ts'

function gapsBehind(sequence: number, ...delivered: number[]): SequenceGaps {
  const gaps = new SequenceGaps()
  gaps.restart(sequence)
  for (const each of delivered) gaps.recordDelivered(each)
  return gaps
}

describe('a gap in the deliveries', () => {
  test('is found between deliveries, and before the first', () => {
    expect(gapsBehind(0, 1, 2, 3).takeGaps()).toEqual([])
    expect(gapsBehind(4, 8, 9, 11).takeGaps()).toEqual([
      { from: 5, to: 7 },
      { from: 10, to: 10 },
    ])
  })

  test('is found once, even when the deliveries around it are repeated', () => {
    const gaps = gapsBehind(0, 1, 5)
    expect(gaps.takeGaps()).toEqual([{ from: 2, to: 4 }])
    for (const again of [1, 5, 6]) gaps.recordDelivered(again)
    expect(gaps.takeGaps()).toEqual([])
  })

  test('is found after the last delivery once no more will follow', () => {
    const gaps = gapsBehind(0, 1)
    gaps.recordUnavailable(4)
    gaps.recordUnavailable(3)
    gaps.recordDelivered(5)
    expect(gaps.takeGaps()).toEqual([{ from: 2, to: 4 }])
  })

  test('is discarded after the sequence where deliveries restart', () => {
    const gaps = gapsBehind(0, 3, 9)
    gaps.restart(5)
    for (const again of [6, 7, 9]) gaps.recordDelivered(again)
    expect(gaps.takeGaps()).toEqual([
      { from: 1, to: 2 },
      { from: 4, to: 5 },
      { from: 8, to: 8 },
    ])
  })

  test('that could not be examined comes first the next time', () => {
    const gaps = gapsBehind(0, 2)
    const taken = gaps.takeGaps()
    gaps.recordDelivered(4)
    gaps.restore(taken)
    expect(gaps.takeGaps()).toEqual([
      { from: 1, to: 1 },
      { from: 3, to: 3 },
    ])
  })
})
