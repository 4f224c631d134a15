import { describe, expect, test } from 'bun:test'
import { AnswerCache } from '../../../src/http/answer-cache.ts'
import { failureOf } from '../../support/clickhouse-front/client.ts'

const answer = (json: string) => () => Promise.resolve({ json, readAt: 1 })
const never = () => Promise.reject(new Error('It was read though it was kept.'))

describe('the cache of answers', () => {
  test('keeps an answer for its tenant, its question and its version', async () => {
    const cache = new AnswerCache()
    await cache.get('a', 'q', '1', answer('one'))
    expect(await cache.get('a', 'q', '1', never)).toEqual({ json: 'one', readAt: 1, isRead: false })
    expect((await cache.get('b', 'q', '1', answer('of b'))).json).toBe('of b')
    expect((await cache.get('a', 'r', '1', answer('other'))).json).toBe('other')
    expect((await cache.get('a', 'q', '2', answer('two'))).json).toBe('two')
    expect((await cache.get('a', 'q', '1', answer('one again'))).json).toBe('one again')
  })

  test('reads once for all who ask at once', async () => {
    const cache = new AnswerCache()
    let reads = 0
    const read = async () => {
      reads++
      await Promise.resolve()
      return { json: 'x', readAt: 1 }
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.get('a', 'q', '1', read)))
    expect([reads, answers.filter(({ isRead }) => isRead).length]).toEqual([1, 1])
  })

  test('keeps no failure', async () => {
    const cache = new AnswerCache()
    const failing = () => Promise.reject(new Error('store down'))
    const both = await Promise.all([
      failureOf(cache.get('a', 'q', '1', failing)),
      failureOf(cache.get('a', 'q', '1', never)),
    ])
    expect(both.map((error) => (error as Error).message)).toEqual(['store down', 'store down'])
    expect((await cache.get('a', 'q', '1', answer('well'))).isRead).toBe(true)
  })

  test('throws out what was not asked for longest when it is full', async () => {
    const cache = new AnswerCache()
    const large = 'x'.repeat(3_000_000)
    await cache.get('a', '1', 'v', answer(large))
    await cache.get('a', '2', 'v', answer(large))
    await cache.get('a', '1', 'v', never)
    await cache.get('a', '3', 'v', answer(large))
    expect((await cache.get('a', '1', 'v', answer(large))).isRead).toBe(false)
    expect((await cache.get('a', '2', 'v', answer(large))).isRead).toBe(true)
  })

  test('that shares no reads has nobody wait for another one, and keeps what is there', async () => {
    const cache = new AnswerCache({ sharesReads: false })
    void cache.get('a', '1', 'v', () => new Promise(() => {}))
    expect(await cache.get('a', '1', 'v', answer('read'))).toMatchObject({ json: 'read', isRead: true })
    expect(await cache.get('a', '1', 'v', answer('again'))).toMatchObject({ json: 'read', isRead: false })
    expect(await cache.get('a', '1', 'w', answer('newer'))).toMatchObject({ json: 'newer', isRead: true })
    expect(await cache.get('a', '1', 'w', answer('again'))).toMatchObject({ json: 'newer', isRead: false })
  })
})
