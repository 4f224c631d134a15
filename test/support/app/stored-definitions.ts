import { connect } from 'nats'
import { createTenantDefinitions } from '../../../src/assembly/definitions/tenant-definitions.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { startNatsServer } from '../broker/nats-server.ts'
import { until } from '../process/until.ts'

/** Reports, schedules and alert rules on a broker of their own, for an app in this process. */
export async function openDefinitions() {
  const server = await startNatsServer()
  const connection = await connect({ servers: server.url })
  const ended = new AbortController()
  const { stores, run } = createTenantDefinitions({ clock: systemClock, logger: silentLogger })
  const running = run(connection, ended.signal)
  // A list throws until the bucket was read.
  await until(() => Array.isArray(stores.reports.list('tenant-1')), 20_000, 'the definitions to be read')
  return {
    stores,
    connection,
    async close() {
      ended.abort()
      await running
      await connection.close()
      await server.stop()
    },
  }
}
