import { DASHBOARD_NAMES } from '../../../src/analytics/dashboards/dashboards.ts'
import { fc } from '../../support/base/properties.ts'
import type { Fault } from '../../support/clickhouse-front/faults.ts'
import { STORE_CANARY } from '../leaks.ts'
import type { FuzzOperation } from '../operations.ts'
import type { FuzzRequest } from './request.ts'
import { validRequest } from './requests.ts'

/** Matches the queries of the dashboards and no other statement of the service. */
const DASHBOARD_QUERIES = `log_comment = '(${DASHBOARD_NAMES.join('|')}|names)`
const SAID = `Syntax error near "SELECT tenant_id FROM analytics_events": ${STORE_CANARY} in /var/lib/store.sql`
const exception = (code: number, name: string): Fault => ({
  fail: { status: 500, code, body: `Code: ${code}. DB::Exception: ${SAID}. (${name}) (version 26.7)\n` },
})

/** The failures of a store; no response may contain their texts. */
const FAULTS: readonly Fault[] = [
  exception(62, 'SYNTAX_ERROR'),
  exception(60, 'UNKNOWN_TABLE'),
  exception(159, 'TIMEOUT_EXCEEDED'),
  exception(241, 'MEMORY_LIMIT_EXCEEDED'),
  exception(202, 'TOO_MANY_SIMULTANEOUS_QUERIES'),
  exception(497, 'ACCESS_DENIED'),
  { fail: { status: 502, body: `<html>${SAID}</html>` } },
  { fail: { status: 503, body: SAID } },
  { fail: { status: 200, body: SAID } },
  { fail: { status: 200, body: `[{"bucket":1},\n${SAID}` } },
  { fail: { status: 200, body: `[]\nCode: 241. DB::Exception: ${SAID}` } },
  { fail: { status: 302, body: SAID, headers: { location: `http://${STORE_CANARY}/` } } },
  { drop: true },
  { drop: true, at: 'after' },
  { delayMs: 50 },
]

export interface FailingRequest {
  readonly fault: Fault
  readonly request: FuzzRequest
}

export function failingRequest(dashboards: readonly FuzzOperation[]): fc.Arbitrary<FailingRequest> {
  return fc
    .tuple(fc.oneof(...dashboards.map(validRequest)), fc.constantFrom(...FAULTS))
    .map(([request, fault]) => ({ request, fault: { match: DASHBOARD_QUERIES, times: 0, ...fault } }))
}
