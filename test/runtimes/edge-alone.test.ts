import { describe, expect, test } from 'bun:test'
import { bundleEdge } from '../support/runtimes/edge-bundle.ts'
import { startEdgeWorker, startWorker } from '../support/runtimes/edge-worker.ts'
import { ask } from '../support/process/service.ts'
import { ASYMMETRIC_ALGORITHMS, makeSigningKey } from '../support/http/signing-keys.ts'

/** Where code is made of texts: what the framework would do with routes and schemas, were it asked to. src/http/pipeline/routing/dynamic-router.ts asks it for nothing. */
const CODE_MAKERS = [
  '@sinclair/typebox/build/esm/system/evaluate.mjs',
  'elysia/dist/adapter/bun/compose.mjs',
  'elysia/dist/compose.mjs',
  'exact-mirror/dist/index.mjs',
]
const MAKES_CODE = /(?<![\w$.])(?:globalThis\.)?(?:new )?Function\(|(?<![\w$.])eval\(/
/** What a provider takes of a free plan is ten times as much. */
const MAX_GZIP_BYTES = 330_000

/** The packages' files in a bundle that is not minified, each with its text. */
function filesOf(bundle: string): Map<string, string> {
  const parts = bundle.split(/^\/\/ ((?:node_modules|src)\/\S+)$/m)
  const files = new Map<string, string>()
  for (let at = 1; at < parts.length; at += 2) files.set(parts[at]!.replace('node_modules/', ''), parts[at + 1]!)
  return files
}

describe('the bundle for an edge runtime', () => {
  test('imports nothing, and exports what providers and tests use', async () => {
    const { imports, exports } = new Bun.Transpiler({ loader: 'js' }).scan(await bundleEdge())
    expect(imports).toEqual([])
    expect(exports.toSorted()).toEqual(['createEdgeHandler', 'default'])
  })

  test('creates code from text in known places only', async () => {
    const files = filesOf(await bundleEdge({ minify: false }))
    expect([...files.keys()]).toContain('src/edge.ts')
    const found = [...files].filter(([, text]) => MAKES_CODE.test(text)).map(([path]) => path)
    expect(found.toSorted()).toEqual(CODE_MAKERS)
  })

  test('control: the runtime of the other tests creates no code from text, so that none of these places is reached', async () => {
    const worker = await startWorker(`export default { fetch: () => new Response(Function('return 1')()) }`)
    expect((await fetch(worker.baseUrl)).status).toBe(500)
    expect(worker.log()).toContain('Code generation from strings disallowed')
    await worker.stop()
  })

  test('is small', async () => {
    expect(Bun.gzipSync(await bundleEdge()).byteLength).toBeLessThan(MAX_GZIP_BYTES)
  })
})

describe('an edge worker without a service', () => {
  const secret = 's'.repeat(32)
  const nowhere = 'http://127.0.0.1:1'
  const overview = '/api/v1/analytics/overview'

  test('returns 503 to authenticated clients while the store is unavailable', async () => {
    const keys = await Promise.all(ASYMMETRIC_ALGORITHMS.map((algorithm) => makeSigningKey(algorithm)))
    const worker = await startEdgeWorker({
      CLICKHOUSE_URL: nowhere,
      JWT_SECRET: secret,
      JWT_PUBLIC_KEY: keys.map(({ pem }) => pem).join('\n'),
    })
    const api = { baseUrl: worker.baseUrl, secret }
    const statusOf = async (key: (typeof keys)[number]) => {
      const authorization = `Bearer ${await key.sign({ tenantId: 'a' })}`
      return (await ask(api, overview, { authorization })).status
    }
    const { status, body } = await ask(api, overview)
    expect([status, body?.error?.code]).toEqual([503, 'UNAVAILABLE'])
    expect(await Promise.all(keys.map(statusOf))).toEqual([503, 503, 503])
    expect(await statusOf(await makeSigningKey('ES256'))).toBe(401)
    expect((await ask(api, '/health/ready')).body?.error?.details).toEqual([
      { path: 'store', message: 'the last check failed' },
    ])
    await worker.stop()
  }, 20_000)

  test('answers no request with an invalid configuration, and prints the reason without the secret', async () => {
    const worker = await startEdgeWorker({ JWT_SECRET: 'too-short', LOG_LEVEL: 'loud' })
    const { status, body } = await ask({ baseUrl: worker.baseUrl, secret }, '/health/live')
    expect([status, body?.error?.code]).toEqual([500, 'INTERNAL'])
    expect(worker.log()).toContain('JWT_SECRET must be at least 32 bytes long.\nLOG_LEVEL')
    expect(worker.log()).not.toContain('too-short')
    await worker.stop()
    const storeless = await startEdgeWorker({ JWT_SECRET: secret })
    expect((await ask({ baseUrl: storeless.baseUrl, secret }, '/')).status).toBe(500)
    expect(storeless.log()).toContain('CLICKHOUSE_URL is required')
    await storeless.stop()
  }, 20_000)
})
