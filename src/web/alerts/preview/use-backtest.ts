import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ShownBacktest } from '../../../http/alerts/history-data.ts'
import { apiPath, type Parameters } from '../../api/api-client.ts'
import { ApiError } from '../../api/api-error.ts'
import { useApp } from '../../state/app.ts'
import { NO_PROBLEMS, type Problems, problemsOf } from '../editor/problems.ts'
import type { RuleDraft } from '../rule-draft.ts'

/** A user who is still changing the rule starts no request. */
const DELAY_MS = 400

export interface Backtest {
  /** The newest answer, which may be of the rule before; undefined before the first one, and while the rule is not valid. */
  readonly answer: ShownBacktest | undefined
  /** The rule of the answer. */
  readonly rule: RuleDraft
  readonly isLoading: boolean
  /** Why there is no answer. */
  readonly failure: 'invalid' | 'tooLong' | 'failed' | undefined
  readonly problems: Problems
}

/** Tests a rule over a range whenever one of them has changed; an earlier request is aborted. */
export function useBacktest(rule: RuleDraft, range: Parameters): Backtest {
  const { api, session } = useApp()
  const result = useSignal<Backtest>({
    answer: undefined,
    rule,
    isLoading: true,
    failure: undefined,
    problems: NO_PROBLEMS,
  })
  // The name and whether the rule is on change nothing.
  const { name: _, enabled: __, ...judged } = rule
  const body = JSON.stringify({ rule: { ...judged, name: '-' }, ...range, showBuckets: true })
  useEffect(() => {
    const abort = new AbortController()
    result.value = { ...result.peek(), isLoading: true }
    let timer: ReturnType<typeof setTimeout>
    const test = async () => {
      try {
        const path = apiPath('alerts/backtest', {})
        const { data } = await api.read<ShownBacktest>(path, abort.signal, JSON.parse(body) as object)
        result.value = { answer: data, rule, isLoading: false, failure: undefined, problems: NO_PROBLEMS }
      } catch (error) {
        if (abort.signal.aborted) return
        if (error instanceof ApiError && error.status === 401) session.expire()
        const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined
        if (retryAfterMs !== undefined) {
          timer = setTimeout(() => void test(), retryAfterMs)
          return
        }
        result.value = {
          answer: undefined,
          rule,
          isLoading: false,
          failure: failureOf(error),
          problems: problemsOf(error, 'rule.'),
        }
      }
    }
    timer = setTimeout(() => void test(), DELAY_MS)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [body])
  return result.value
}

function failureOf(error: unknown): Backtest['failure'] {
  if (!(error instanceof ApiError)) return 'failed'
  if (error.code === 'TOO_MANY_GROUPS') return 'tooLong'
  return error.status === 400 ? 'invalid' : 'failed'
}
