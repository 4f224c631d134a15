import { describe, expect, test } from 'bun:test'
import { ResponseCache } from '../../../../src/http/cache/response-cache.ts'
import { encodeUtf8 } from '../../../../src/http/sending/chunks.ts'
import { failureOf } from '../../../support/clickhouse-front/client.ts'

const jsonOf = (text: string) => [encodeUtf8(text)]
const answer = (text: string) => () => Promise.resolve({ json: jsonOf(text), readAt: 1 })
const never = () => Promise.reject(new Error('It was read though it was kept.'))

describe('the response cache', () => {
  test('keeps a response for its tenant, query and version', async () => {
    const cache = new ResponseCache()
    await cache.get('a', 'q', '1', answer('one'))
    expect(await cache.get('a', 'q', '1', never)).toEqual({ json: jsonOf('one'), readAt: 1, isRead: false })
    expect((await cache.get('b', 'q', '1', answer('of b'))).json).toEqual(jsonOf('of b'))
    expect((await cache.get('a', 'r', '1', answer('other'))).json).toEqual(jsonOf('other'))
    expect((await cache.get('a', 'q', '2', answer('two'))).json).toEqual(jsonOf('two'))
    expect((await cache.get('a', 'q', '1', answer('one again'))).json).toEqual(jsonOf('one again'))
  })

  test('ends a reading when all requests that wait for it are closed, and reads anew for the next one', async () => {
    const cache = new ResponseCache()
    const [first, second] = [new AbortController(), new AbortController()]
    let reading: AbortSignal | undefined
    const read = (signal: AbortSignal) => {
      reading = signal
      return new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    const answers = [first, second].map(({ signal }) => failureOf(cache.get('a', 'q', '1', read, signal)))
    first.abort()
    expect(reading?.aborted).toBe(false)
    second.abort()
    expect(reading?.aborted).toBe(true)
    expect((await cache.get('a', 'q', '1', answer('new'))).isRead).toBe(true)
    for (const failure of await Promise.all(answers)) expect(failure).toMatchObject({ code: 'REQUEST_CANCELLED' })
  })

  test('reads once for all requests at the same time', async () => {
    const cache = new ResponseCache()
    let reads = 0
    const read = async () => {
      reads++
      await Promise.resolve()
      return { json: jsonOf('x'), readAt: 1 }
    }
    const answers = await Promise.all(Array.from({ length: 50 }, () => cache.get('a', 'q', '1', read)))
    expect([reads, answers.filter(({ isRead }) => isRead).length]).toEqual([1, 1])
  })

  test('does not keep a failure', async () => {
    const cache = new ResponseCache()
    const failing = () => Promise.reject(new Error('store down'))
    const both = await Promise.all([
      failureOf(cache.get('a', 'q', '1', failing)),
      failureOf(cache.get('a', 'q', '1', never)),
    ])
    expect(both.map((error) => (error as Error).message)).toEqual(['store down', 'store down'])
    expect((await cache.get('a', 'q', '1', answer('well'))).isRead).toBe(true)
  })

  test('evicts the least recently used response when it is full', async () => {
    const cache = new ResponseCache()
    const large = 'x'.repeat(4_000_000)
    for (const question of ['1', '2', '4', '5']) await cache.get('a', question, 'v', answer(large))
    await cache.get('a', '1', 'v', never)
    await cache.get('a', '3', 'v', answer(large))
    expect((await cache.get('a', '1', 'v', answer(large))).isRead).toBe(false)
    expect((await cache.get('a', '2', 'v', answer(large))).isRead).toBe(true)
  })

  test('counts bytes, and does not keep a response that would evict most of the others', async () => {
    const cache = new ResponseCache()
    const [small, huge] = ['x'.repeat(2_000_000), '語'.repeat(1_500_000)]
    await cache.get('a', 'small', 'v', answer(small))
    await cache.get('a', 'huge', 'v', answer(huge))
    await cache.get('a', 'small', 'v', never)
    expect((await cache.get('a', 'huge', 'v', answer(huge))).isRead).toBe(true)
  })

  test('without shared reads lets no request wait for another one, and keeps finished responses', async () => {
    const cache = new ResponseCache({ sharesReads: false })
    void cache.get('a', '1', 'v', () => new Promise(() => {}))
    expect(await cache.get('a', '1', 'v', answer('read'))).toMatchObject({ json: jsonOf('read'), isRead: true })
    expect(await cache.get('a', '1', 'v', answer('again'))).toMatchObject({ json: jsonOf('read'), isRead: false })
    expect(await cache.get('a', '1', 'w', answer('newer'))).toMatchObject({ json: jsonOf('newer'), isRead: true })
    expect(await cache.get('a', '1', 'w', answer('again'))).toMatchObject({ json: jsonOf('newer'), isRead: false })
  })
})
