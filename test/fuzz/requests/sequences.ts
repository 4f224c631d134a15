import { fc } from '../../support/base/properties.ts'
import { differences } from '../../support/oracle/differences.ts'
import type { RawAnswer } from '../../support/http/raw-http.ts'
import type { FuzzOperation } from '../operations.ts'
import { type FuzzRequest, queryOf } from './request.ts'
import { tenantId, validRequest } from './requests.ts'

/** One step of a sequence: a query, or a request that depends on an earlier response of the same sequence. */
export type Step =
  | { readonly does: 'ask'; readonly request: FuzzRequest }
  /** A conditional request with the ETag of step `of`, by the same tenant or by another. */
  | { readonly does: 'poll'; readonly of: number; readonly tenant: string; readonly form: number }
  /** The same query from two tenants at the same time, twice each. */
  | { readonly does: 'both'; readonly request: FuzzRequest; readonly tenant: string }
  /** A query of a single bucket of the response of step `of`. */
  | { readonly does: 'bucket'; readonly of: number; readonly bucket: number }

/** Sends a request and checks its response: rejects with all problems. */
export type Ask = (request: FuzzRequest) => Promise<RawAnswer>

interface Exchange {
  readonly request: FuzzRequest
  readonly answer: RawAnswer
}

export function sequence(dashboards: readonly FuzzOperation[]): fc.Arbitrary<readonly Step[]> {
  const request = fc.oneof(...dashboards.map(validRequest)).map((asked): FuzzRequest => ({ ...asked, method: 'GET' }))
  const of = fc.nat(7)
  const step = fc.oneof(
    request.map((asked): Step => ({ does: 'ask', request: asked })),
    fc.record({ of, tenant: tenantId, form: fc.nat(3) }).map((made): Step => ({ does: 'poll', ...made })),
    fc.record({ request, tenant: tenantId }).map((made): Step => ({ does: 'both', ...made })),
    fc.record({ of, bucket: fc.nat(40) }).map((made): Step => ({ does: 'bucket', ...made })),
  )
  const first = request.map((asked): Step => ({ does: 'ask', request: asked }))
  return fc.tuple(first, fc.array(step, { minLength: 1, maxLength: 7 })).map(([ask, rest]) => [ask, ...rest])
}

/** Runs a sequence against the service. Rejects with the first problem. */
export async function sendSequence(steps: readonly Step[], ask: Ask): Promise<void> {
  const exchanges: Exchange[] = []
  for (const step of steps) {
    if (step.does === 'ask') exchanges.push({ request: step.request, answer: await ask(step.request) })
    else if (step.does === 'both') exchanges.push(await askBoth(step.request, step.tenant, ask))
    else {
      const earlier = exchanges[step.of % exchanges.length]!
      await (step.does === 'poll' ? poll(earlier, step.tenant, step.form, ask) : askBucket(earlier, step.bucket, ask))
    }
  }
}

async function askBoth(request: FuzzRequest, tenant: string, ask: Ask): Promise<Exchange> {
  const other = { ...request, credential: { tenant } }
  const [answer, others, again, othersAgain] = await Promise.all(
    [request, other, request, other].map((one) => ask(one)),
  )
  const data = dataOf(answer!)
  fail(differences(dataOf(again!), data), 'exchanges the same asker two things at once')
  fail(differences(dataOf(othersAgain!), dataOf(others!)), 'exchanges the other asker two things at once')
  return { request, answer: answer! }
}

async function poll({ request, answer }: Exchange, tenant: string, form: number, ask: Ask): Promise<void> {
  const etag = /^etag: (.*)$/im.exec(answer.head)?.[1]
  if (etag === undefined) throw new Error('An answer has no ETag.')
  const sent = [etag, etag.replace(/^W\//, ''), `"x", ${etag}`, `${etag}, W/"y"`][form]!
  const isOwn = tenant === request.credential.tenant
  const polled: FuzzRequest = {
    ...request,
    credential: { tenant },
    headers: [`If-None-Match: ${sent}`],
    // The ETag of one tenant has no meaning for another, which gets a full response.
    expected: isOwn ? { is: 'harmless', isHttp: true } : request.expected,
  }
  const startedMs = Date.now()
  const { status, head } = await ask(polled)
  const isSameQuarter = Math.floor(startedMs / 900_000) === Math.floor(Date.now() / 900_000)
  // A partial comparison changes with the time of day.
  const isCompared = /[?&]compare=(?!none)/.test(request.target)
  if (isOwn && isSameQuarter && !isCompared && status !== 304)
    throw new Error(`What has not changed is answered by ${status}, not by 304.`)
  if (isOwn && status === 304 && !head.includes(etag)) throw new Error('A 304 has another ETag.')
}

/** A single bucket has the same counts as in the series, except in series that count each item once, at its first event. */
async function askBucket({ request, answer }: Exchange, index: number, ask: Ask): Promise<void> {
  const { data } = JSON.parse(answer.body) as { data: { timeSeries?: Item[]; trend?: Item[] } }
  const series = data.timeSeries ?? data.trend ?? []
  // The range may cut the first and the last bucket.
  const at = 1 + (index % Math.max(1, series.length - 2))
  const [bucket, next] = [series[at], series[at + 1]]
  if (!bucket || !next || request.about.endsWith('/sequences') || request.expected.is !== 'answer') return
  const isCut = bucket.timestamp !== undefined && [next.timestamp, series[at - 1]?.timestamp].includes(bucket.timestamp)
  if (isCut) return
  const { previous: _previous, ...counts } = bucket
  const range = bucket.date
    ? { startDate: bucket.date, endDate: bucket.date }
    : { startDate: bucket.timestamp!, endDate: new Date(Date.parse(next.timestamp!) - 1).toISOString() }
  const { timeRange: _, ...rest } = request.expected.asked
  const asked = { ...rest, ...range }
  const alone = await ask({
    ...request,
    target: request.about + queryOf(Object.entries(asked)),
    expected: { is: 'answer', asked },
  })
  const found = JSON.parse(alone.body) as { data: { timeSeries?: Item[]; trend?: Item[] } }
  fail(
    // The older range of one bucket is not the one of that bucket.
    differences(found.data.timeSeries ?? found.data.trend, [counts], 'the bucket'),
    'counts a bucket otherwise by itself',
  )
}

type Item = Readonly<Record<string, unknown>> & { readonly timestamp?: string; readonly date?: string }

function dataOf({ body }: RawAnswer): unknown {
  return (JSON.parse(body) as { data?: unknown }).data
}

function fail(found: readonly string[], what: string): void {
  if (found.length > 0) throw new Error(`The service ${what}: ${found.slice(0, 3).join('; ')}`)
}
