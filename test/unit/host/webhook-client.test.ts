import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createWebhookClient } from '../../../src/host/webhook-client.ts'

const signal = new AbortController().signal

describe('a webhook', () => {
  const requests: { host: string | null; path: string; body: string; signature: string | null }[] = []
  let receiver: ReturnType<typeof Bun.serve>
  beforeAll(() => {
    receiver = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        const { pathname } = new URL(request.url)
        const { headers } = request
        requests.push({
          host: headers.get('host'),
          path: pathname,
          body: await request.text(),
          signature: headers.get('x-signature'),
        })
        if (pathname === '/moved') return new Response('', { status: 302, headers: { location: '/elsewhere' } })
        return new Response('kept', { status: pathname === '/broken' ? 500 : 200 })
      },
    })
  })
  afterAll(() => receiver.stop(true))

  const call = (url: string, options: Partial<Parameters<typeof createWebhookClient>[0]> = {}) => {
    requests.length = 0
    const client = createWebhookClient({ allowsPrivate: true, ...options })
    return client({ url, headers: { 'x-signature': 'sha256=00' }, body: '{"a":"ü"}' }, signal)
  }

  test('goes to the address that its name was resolved to, with the name as its host', async () => {
    const resolved: string[] = []
    const resolve = (host: string) => {
      resolved.push(host)
      return Promise.resolve(['127.0.0.1'])
    }
    const result = await call(`http://hooks.example.test:${receiver.port}/a`, { resolve })
    expect(result).toEqual({ kind: 'response', status: 200 })
    // Resolved once: a second answer cannot differ.
    expect(resolved).toEqual(['hooks.example.test'])
    expect(requests).toEqual([
      { host: `hooks.example.test:${receiver.port}`, path: '/a', body: '{"a":"ü"}', signature: 'sha256=00' },
    ])
  })

  test('does not follow a redirect, and tells of other statuses', async () => {
    expect(await call(`http://127.0.0.1:${receiver.port}/moved`)).toEqual({ kind: 'response', status: 302 })
    expect(requests.map(({ path }) => path)).toEqual(['/moved'])
    expect(await call(`http://127.0.0.1:${receiver.port}/broken`)).toEqual({ kind: 'response', status: 500 })
  })

  test.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['192.168.1.1'],
    ['172.16.0.1'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['0.0.0.0'],
    ['224.0.0.1'],
    ['::1'],
    ['fd00::1'],
    ['fe80::1'],
    ['::ffff:127.0.0.1'],
    ['::127.0.0.1'],
    ['64:ff9b::7f00:1'],
    ['2002:7f00:1::1'],
  ])('is refused where the name has the address %s, also beside a public one', async (address) => {
    const url = `http://hooks.example.test:${receiver.port}/private`
    for (const addresses of [[address], ['93.184.216.34', address]]) {
      const result = await call(url, { allowsPrivate: false, resolve: () => Promise.resolve(addresses) })
      expect(result.kind).toBe('refused')
    }
    expect(requests).toEqual([])
  })

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost'])(
    'is refused at %s, however it is written',
    async (host) => {
      const result = await call(`http://${host}:${receiver.port}/private`, { allowsPrivate: false })
      expect(result.kind).toBe('refused')
      expect(requests).toEqual([])
    },
  )

  test('fails where nobody listens, and where the name has no address', async () => {
    expect(await call('http://127.0.0.1:1/')).toEqual({ kind: 'failed', error: 'The connection was refused.' })
    const failing = () => Promise.reject(Object.assign(new Error('at 10.0.0.1'), { code: 'ENOTFOUND' }))
    const unresolved = await call('http://hooks.example.test/', { resolve: failing })
    expect(unresolved).toEqual({ kind: 'failed', error: 'The name cannot be resolved.' })
    const result = await call('http://hooks.example.test/', { resolve: () => Promise.resolve([]) })
    expect(result).toEqual({ kind: 'failed', error: 'The name has no address.' })
  })

  test('ends when the service stops', async () => {
    const stopped = AbortSignal.abort()
    const client = createWebhookClient({ allowsPrivate: true, resolve: () => new Promise(() => {}) })
    const result = await client({ url: 'http://hooks.example.test/', headers: {}, body: '' }, stopped)
    expect(result.kind).toBe('failed')
  })
})
