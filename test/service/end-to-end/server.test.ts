import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
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

endToEndSuite('on a ClickHouse server', { startStore: startServer, hasAllQueries: true })
