import { randomBytes } from 'node:crypto'
import { IS_FULL } from '../../support/base/depth.ts'
import { endToEndSuite } from './suite.ts'

const url = process.env['CLICKHOUSE_URL']

/** Each fixture has its own database, so that a server can be reused. */
function storeEnv(): Record<string, string> {
  if (url === undefined) return {}
  return { CLICKHOUSE_URL: url, CLICKHOUSE_DATABASE: `test_${randomBytes(6).toString('hex')}` }
}

endToEndSuite(url === undefined ? 'on the embedded engine' : 'on the ClickHouse server of CLICKHOUSE_URL', {
  startStore: () => Promise.resolve({ env: storeEnv(), stop: () => Promise.resolve() }),
  hasAllQueries: url !== undefined,
  // The fault tests kill the service, too.
  hasKills: IS_FULL,
})
