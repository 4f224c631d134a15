import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { IS_FULL } from '../../support/base/depth.ts'
import { endToEndSuite } from './suite.ts'

async function startServer() {
  const front = await startClickHouseFront()
  return {
    env: { CLICKHOUSE_URL: front.url },
    async stop() {
      await front.stop()
    },
  }
}

// The queries are also those of test/integration/analytics, and the fault tests kill the service, too.
endToEndSuite('on a ClickHouse server', { startStore: startServer, hasAllQueries: IS_FULL, hasKills: IS_FULL })
