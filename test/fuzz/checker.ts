import { inconsistenciesOf } from '../support/dashboards/response-arithmetic.ts'
import type { Schema } from '../support/openapi/document.ts'
import { mismatchesOf } from '../support/openapi/json-schema.ts'
import { differences } from '../support/oracle/differences.ts'
import { type Dashboard, type DashboardQuery, expectedData } from '../support/oracle/oracle.ts'
import type { RawAnswer } from '../support/http/raw-http.ts'
import type { AnswerBody } from '../support/process/service.ts'
import { insideIn, leaksIn } from './leaks.ts'
import { operationsOf } from './operations.ts'
import type { FuzzRequest } from './requests/request.ts'
import type { FuzzContext } from './context.ts'

const SANE_ID = /^[A-Za-z0-9._:-]{1,128}$/
/** Statuses that the runtime itself sends for invalid HTTP or a request that is too long. */
const RUNTIME_REFUSALS = new Set([400, 413, 414, 417, 431, 501, 505])
/** Statuses while the store fails on purpose. */
const STORE_FAILURES = new Set([500, 503, 504])
const COMPARED_DAYS = 45

export interface CheckedResponse {
  readonly answer: RawAnswer
  readonly request: FuzzRequest
  readonly context: FuzzContext
  /** The time of the request: ranges that include a day that has ended since are not compared. */
  readonly askedMs: number
  /** Whether the store was made to fail during the request. */
  readonly isFailing?: boolean
}

/** All problems of a response; empty for a correct one. */
export function problemsOf(checked: CheckedResponse): string[] {
  const { answer, request, context, isFailing = false } = checked
  const headers = headersOf(answer)
  const correlationId = headers.get('x-correlation-id')
  const isUnspoken = correlationId === undefined && answer.body === ''
  if (isUnspoken && RUNTIME_REFUSALS.has(answer.status) && !isHttp(request))
    return leaksIn(answer.head, undefined, context)

  const problems: string[] = []
  const { status } = answer
  const body = parsed(answer.body)
  if (status >= 500 && !(isFailing && STORE_FAILURES.has(status))) problems.push(`answers ${status}`)
  if (correlationId === undefined || !SANE_ID.test(correlationId))
    problems.push(`has the correlation id ${JSON.stringify(correlationId)}`)
  const sent = request.headers.filter((line) => /^x-correlation-id:/i.test(line)).map((line) => line.slice(17).trim())
  if (sent.length === 1 && SANE_ID.test(sent[0]!) && sent[0] !== correlationId)
    problems.push(`does not bring back the correlation id ${sent[0]}`)
  if (headers.get('x-injected') !== undefined || headers.get('set-cookie') !== undefined)
    problems.push('has a header that the request wrote into it')
  if (headers.get('x-content-type-options') !== 'nosniff') problems.push('may be sniffed')

  const own = request.credential.flaw === undefined ? request.credential.tenant : undefined
  const shown = withoutEchoes(`${answer.head}\n\n${answer.body}`, request)
  problems.push(...leaksIn(shown, own, context))
  if (request.method === 'HEAD' || status === 304) {
    if (answer.body !== '') problems.push('has a body where none belongs')
    if (status === 304 && headers.get('etag') === undefined) problems.push('is 304 without an ETag')
  } else if (headers.get('content-type')?.startsWith('application/json')) {
    if (!/\/docs/.test(request.target)) problems.push(...insideIn(withoutEchoes(answer.body, request)))
    problems.push(...bodyProblems(checked, body, correlationId))
  } else if (
    status !== 101 &&
    !isNoJson(request, status) &&
    !typesOf(request, status, context).includes(typeOf(headers))
  )
    problems.push(`is ${typeOf(headers)}`)
  return [...problems, ...(isFailing && STORE_FAILURES.has(status) ? [] : expectationProblems(checked, body))]
}

const typeOf = (headers: ReadonlyMap<string, string>) => headers.get('content-type')?.split(';')[0] ?? 'of no type'

/** Paths whose responses are for people or Prometheus, or do not end, in any spelling. */
const isNoJson = ({ target }: FuzzRequest, status: number) =>
  status === 200 && /docs|metrics|dashboard|analytics\/live/.test(target)

/** The responses that the document declares for the status. */
function typesOf({ about, method }: FuzzRequest, status: number, { document }: FuzzContext): string[] {
  const own = operationsOf(document).find((operation) => operation.path === about && operation.method === method)
  return [...Object.keys(own?.responses[status]?.content ?? {}), ...(status === 200 ? (own?.fileTypes ?? []) : [])]
}

function isHttp({ expected }: FuzzRequest): boolean {
  return expected.is !== 'harmless' || expected.isHttp
}

function headersOf({ head }: RawAnswer): Map<string, string> {
  const lines = head.split('\r\n').slice(1)
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

/**
 * The response without the parts of the request that it may contain: the correlation id, the names of refused parameters, the query in the ETag, and the values of its filters in
 * the search behind the numbers.
 */
function withoutEchoes(text: string, { headers, target }: FuzzRequest): string {
  const ids = headers.filter((line) => /^x-correlation-id:/i.test(line)).map((line) => line.slice(17).trim())
  // A second question mark belongs to a name; the fragment is not read.
  const [, query = ''] = /\?([^#]*)/.exec(target) ?? []
  const parameters = query.split('&').map((part) => part.split('='))
  const decoded = parameters.flatMap(([name = '']) => [name, decodedOrNothing(name)])
  const values = parameters.map(([, ...value]) => decodedOrNothing(value.join('=')))
  const echoes = [
    ...ids,
    ...decoded.map((name) => `"path":${JSON.stringify(name)}`),
    ...values.map((value) => `"values":[${JSON.stringify(value)}]`),
  ]
  return echoes
    .filter((echo) => echo.length > 2)
    .reduce((left, echo) => left.replaceAll(echo, ''), text.replace(QUESTION, '$1'))
}

const QUESTION = /^(etag: W\/"[^/]*\/[^/]*\/)[^"]*/im

function decodedOrNothing(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return ''
  }
}

function bodyProblems(
  { answer, request, context }: CheckedResponse,
  body: AnswerBody | undefined,
  correlationId: string | undefined,
): string[] {
  if (body === undefined) return [`is no JSON: ${answer.body.slice(0, 100)}`]
  const schema = schemaOf(request, answer.status, context)
  const problems = schema ? mismatchesOf(schema, body, context.document).slice(0, 3) : []
  if (body.meta && body.meta.correlationId !== correlationId) problems.push('has another correlation id in its body')
  return problems
}

/** The schema that the document declares for the status, or that of failures in general for an undocumented operation or status. */
function schemaOf({ about, method }: FuzzRequest, status: number, { document }: FuzzContext): Schema | undefined {
  const operations = operationsOf(document)
  const own = operations.find((operation) => operation.path === about && operation.method === method)
  const declared = own?.responses[status]?.content?.['application/json']?.schema
  if (declared || status < 400) return declared
  return operations.find(({ needsToken }) => needsToken)?.responses['401']?.content?.['application/json']?.schema
}

function expectationProblems(
  { answer, request, context, askedMs }: CheckedResponse,
  body: AnswerBody | undefined,
): string[] {
  const { expected, method } = request
  const { status } = answer
  const response = `${status} ${answer.body.slice(0, 200)}`
  switch (expected.is) {
    case 'answer':
      if (status !== 200) return [`is right and gets ${response}`]
      if (method === 'HEAD') return []
      if (['csv', 'xlsx'].includes(expected.asked['format'] ?? 'json')) return fileProblems(answer, expected.asked)
      return answerProblems(request, body, expected.asked, context, askedMs)
    case 'invalid': {
      const named = body?.error?.details?.map(({ path }) => path) ?? []
      if (method === 'HEAD') return status === 400 ? [] : [`is wrong and gets ${status}`]
      if (status !== 400 || body?.error?.code !== 'VALIDATION_ERROR') return [`is wrong and gets ${response}`]
      const others = named.filter((name) => !expected.names.includes(name))
      return named.length === 0 || others.length > 0
        ? [`is wrong in ${expected.names.join()}, and ${named.join()} is named`]
        : []
    }
    case 'unauthorized': {
      if (method === 'HEAD') return status === 401 ? [] : [`proves nothing and gets ${status}`]
      const { meta: _, ...refusal } = body ?? {}
      const isTheOne = status === 401 && JSON.stringify(refusal) === JSON.stringify(context.refusal)
      return isTheOne && /^www-authenticate: Bearer$/im.test(answer.head) ? [] : [`proves nothing and gets ${response}`]
    }
    case 'refused':
      return expected.statuses.includes(status) ? [] : [`should get ${expected.statuses.join()} and gets ${response}`]
    default:
      return []
  }
}

/** Other tests check the contents of files; this only checks that the response is a file of the requested format. */
function fileProblems(answer: RawAnswer, { format }: Readonly<Record<string, string>>): string[] {
  const headers = headersOf(answer)
  const type = format === 'csv' ? 'text/csv' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const isFile = new RegExp(`^attachment; filename="[\\w.-]+\\.${format}"$`).test(
    headers.get('content-disposition') ?? '',
  )
  return typeOf(headers) === type && isFile ? [] : [`was asked for as ${format} and is ${typeOf(headers)}`]
}

function answerProblems(
  { about, credential }: FuzzRequest,
  body: AnswerBody | undefined,
  asked: Readonly<Record<string, string>>,
  { histories }: FuzzContext,
  askedMs: number,
): string[] {
  const data = body?.data as Readonly<Record<string, unknown>> | undefined
  if (!data) return ['has no data']
  const problems = [...inconsistenciesOf(body as object).slice(0, 3), ...unorderedSeries(data)]
  const history = histories.get(credential.tenant)
  if (history && isComparable(asked, askedMs)) {
    const dashboard = about.slice(about.lastIndexOf('/') + 1) as Dashboard
    // A comparison counts until the time of the response.
    const asOf = Date.parse((body!.meta as { readonly asOf: string }).asOf)
    const isCompared = (asked['compare'] ?? 'none') !== 'none'
    const rows = isCompared ? history.rows.filter(({ atMs }) => atMs <= asOf) : history.rows
    const expected = expectedData(dashboard, { ...history, rows }, asked as DashboardQuery, askedMs)
    problems.push(...differences(data, expected).slice(0, 3))
  }
  return problems
}

/** The problems of a series: a repeated bucket, a wrong order, or a gap (a step of twice the usual length, except for months and clock changes). */
function unorderedSeries(data: Readonly<Record<string, unknown>>): string[] {
  const series = (data['timeSeries'] ?? data['trend'] ?? []) as readonly { timestamp?: string; date?: string }[]
  const starts = series.map(({ timestamp, date }) => Date.parse(timestamp ?? date ?? ''))
  const steps = starts.slice(1).map((start, index) => start - starts[index]!)
  // With a zone change of half an hour, both halves have the same local hour.
  if (steps.some((step) => !(step >= 0))) return ['has buckets out of order']
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0
  return steps.some((step) => step >= 2 * usual && step > 0) ? ['leaves out a bucket'] : []
}

/** Whether the independent calculation supports the range in reasonable time: whole days or instants of supported years, and not too many of them. */
function isComparable({ startDate, endDate, timeRange }: Readonly<Record<string, string>>, askedMs: number): boolean {
  if (Math.floor(askedMs / 900_000) !== Math.floor(Date.now() / 900_000)) return false
  if (startDate === undefined) return timeRange !== '90d'
  const isRead = [startDate, endDate ?? startDate].every((text) => /^[\d-]{10}$|(Z|[+-]\d\d:\d\d)$/.test(text))
  const days = ((endDate === undefined ? askedMs : Date.parse(endDate)) - Date.parse(startDate)) / 86_400_000
  return isRead && days <= COMPARED_DAYS
}

function parsed(text: string): AnswerBody | undefined {
  try {
    return JSON.parse(text) as AnswerBody
  } catch {
    return undefined
  }
}
