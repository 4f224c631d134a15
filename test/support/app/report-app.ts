/** An app in this process with reports and schedules on a real broker. */
import type { Published } from '../oracle/history.ts'
import { createAsk } from './report-requests.ts'
import { openDefinitions } from './stored-definitions.ts'
import { openApp } from './test-app.ts'

/** Opens the app with these events stored. */
export async function openReportApp(events: readonly Published[] = []) {
  const definitions = await openDefinitions()
  const app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' }, definitions.stores)
  await app.store(events)
  return {
    app,
    definitions,
    ask: createAsk(app),
    async close() {
      await app.close()
      await definitions.close()
    },
  }
}
