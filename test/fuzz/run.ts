import { fc } from '../support/base/properties.ts'
import type { RawAnswer } from '../support/http/raw-http.ts'
import { carriedTenant } from './requests/carried-tenants.ts'
import { type FailingRequest, failingRequest } from './requests/failing-store.ts'
import { problemsOf } from './checker.ts'
import { leaksInLog } from './leaks.ts'
import { oddMethod, oddPath } from './requests/odd-addresses.ts'
import { oddBody, oddHeaders } from './requests/odd-messages.ts'
import { asJson, type FuzzOperation, operationsOf } from './operations.ts'
import { type FuzzRequest, send } from './requests/request.ts'
import { mistakenRequest, takesQuery, unprovenRequest, validRequest } from './requests/requests.ts'
import { sendSequence, sequence, type Step } from './requests/sequences.ts'
import type { FuzzContext } from './context.ts'

export interface FuzzOptions {
  readonly seed: number
  /** New rounds, each with the next seed, begin until this time is over; at least one round runs. */
  readonly seconds?: number
  /** Fraction of the usual number of tries per round. */
  readonly size?: number
  /** Maximum duration of a round, for a machine that is too slow for all tries. */
  readonly maxRoundMs?: number
  /** Whether to stop at the first violation. */
  readonly isFirstEnough?: boolean
}

export interface Violation {
  /** Repeats the round: `npm run fuzz -- --seed N`. */
  readonly seed: number
  readonly kind: string
  readonly problem: string
  /** The smallest request that shows the violation: `npm run fuzz -- --repeat '<JSON>'`. */
  readonly minimal: Repeatable
}

/** A request that can be repeated by itself. */
export type Repeatable = FuzzRequest | FailingRequest | readonly Step[]

export interface FuzzReport {
  readonly seed: number
  readonly seconds: number
  readonly rounds: number
  readonly requests: number
  readonly byStatus: Readonly<Record<string, number>>
  readonly byOperation: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly violations: readonly Violation[]
}

/** Further violations add no information. */
const MAX_VIOLATIONS = 10
const MAX_ROUND_MS = 60_000

interface Kind {
  readonly name: string
  readonly tries: number
  readonly arbitrary: fc.Arbitrary<Repeatable>
}

function kindsOf(context: FuzzContext): Kind[] {
  const all = operationsOf(context.document)
  const guarded = all.filter(({ needsToken }) => needsToken)
  const dashboards = all.filter(({ isDashboard }) => isDashboard).map(asJson)
  const any = (operations: readonly FuzzOperation[], make: (one: FuzzOperation) => fc.Arbitrary<FuzzRequest>) =>
    fc.oneof(...operations.map(make))
  if (context.front) return [{ name: 'failing store', tries: 120, arbitrary: failingRequest(dashboards) }]
  return [
    { name: 'valid', tries: 250, arbitrary: any(all, validRequest) },
    { name: 'mistaken', tries: 400, arbitrary: any(guarded.filter(takesQuery), mistakenRequest) },
    { name: 'unproven', tries: 250, arbitrary: any(all, unprovenRequest) },
    { name: 'odd path', tries: 250, arbitrary: any(all, oddPath) },
    { name: 'odd method', tries: 60, arbitrary: any(all, (one) => oddMethod(one, all)) },
    { name: 'odd headers', tries: 120, arbitrary: any(all, oddHeaders) },
    { name: 'odd body', tries: 120, arbitrary: any(all, oddBody) },
    { name: 'another tenant', tries: 150, arbitrary: any(dashboards, (one) => carriedTenant(one)) },
    { name: 'sequence', tries: 40, arbitrary: sequence(dashboards) },
  ]
}

/** Sends the requests of a seed, checks every response, and reports each violation with the smallest request that shows it. */
export async function runFuzz(context: FuzzContext, options: FuzzOptions): Promise<FuzzReport> {
  const { seed, seconds = 0, size = 1, maxRoundMs = MAX_ROUND_MS, isFirstEnough = false } = options
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt >= seconds * 1_000
  const tally = new Map<string, Map<string, number>>()
  const count = ({ about }: FuzzRequest, { status }: RawAnswer) => {
    const statuses = tally.get(about) ?? new Map<string, number>()
    tally.set(about, statuses.set(String(status), (statuses.get(String(status)) ?? 0) + 1))
  }
  const violations: Violation[] = []
  const kinds = kindsOf(context)
  let rounds = 0
  let isEnough = false
  do {
    const roundSeed = seed + rounds++
    const found = await Promise.all(
      kinds.map(async ({ name, tries, arbitrary }): Promise<Violation[]> => {
        const result = await fc.check(
          fc.asyncProperty(arbitrary, async (made) => {
            if (!isEnough) await repeat(context, made, count)
          }),
          {
            seed: roundSeed,
            numRuns: Math.ceil(tries * size),
            interruptAfterTimeLimit: maxRoundMs,
          },
        )
        if (!result.failed) return []
        isEnough = isFirstEnough
        if (!result.counterexample && result.interrupted) return []
        if (!result.counterexample) throw new Error(`The fuzz of ${name} made nothing: ${String(result.errorInstance)}`)
        const [minimal] = result.counterexample
        const { errorInstance } = result
        const problem = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
        return [{ seed: roundSeed, kind: name, problem, minimal }]
      }),
    )
    violations.push(...found.flat())
  } while (!isOver() && violations.length < (isFirstEnough ? 1 : MAX_VIOLATIONS))
  const byOperation = Object.fromEntries([...tally].map(([about, statuses]) => [about, Object.fromEntries(statuses)]))
  const byStatus: Record<string, number> = {}
  for (const statuses of tally.values())
    for (const [status, times] of statuses) byStatus[status] = (byStatus[status] ?? 0) + times
  const requests = Object.values(byStatus).reduce((sum, times) => sum + times, 0)
  const inLog = leaksInLog(context).map((problem) => ({ seed, kind: 'log', problem, minimal: [] }))
  return {
    seed,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    rounds,
    requests,
    byStatus,
    byOperation,
    violations: [...violations, ...inLog],
  }
}

/** Sends one request, or runs one sequence. Rejects with all problems of the responses. */
export async function repeat(
  context: FuzzContext,
  made: Repeatable,
  count: (request: FuzzRequest, answer: RawAnswer) => void = () => {},
): Promise<void> {
  const ask = async (request: FuzzRequest, isFailing = false) => {
    const askedMs = Date.now()
    const answer = await send(context.service, request).catch((error: unknown) => {
      // Invalid HTTP may end the connection.
      if (request.expected.is === 'harmless' && !request.expected.isHttp) return undefined
      throw error
    })
    if (!answer) return { status: 0, head: '', body: '' }
    count(request, answer)
    const problems = problemsOf({ answer, request, context, askedMs, isFailing })
    if (problems.length > 0) throw new Error(`${request.method} ${request.target} ${problems.join('; ')}`)
    return answer
  }
  if (isSequence(made)) return sendSequence(made, (request) => ask(request))
  if ('fault' in made) {
    await context.front?.fault(made.fault)
    try {
      await ask(made.request, true)
    } finally {
      await context.front?.clearFaults()
    }
    return undefined
  }
  await ask(made)
  return undefined
}

/** The command that repeats a violation. */
export function commandOf({ minimal }: Violation): string {
  return `npm run fuzz -- --repeat '${JSON.stringify(minimal).replaceAll("'", "'\\''")}'`
}

function isSequence(made: Repeatable): made is readonly Step[] {
  return Array.isArray(made)
}

/** The violations of a report, each with the command that repeats it. */
export function describeViolations({ violations }: FuzzReport): string[] {
  return violations.map((each) => `${each.kind}, seed ${each.seed}: ${each.problem}\n${commandOf(each)}`)
}
