import { afterAll, beforeAll, describe } from 'bun:test'
import { openApp, type TestApp } from '../../support/app/test-app.ts'
import { ALL_ZONES, describeDashboards } from '../../support/dashboards/dashboard-cases.ts'

describe('called in this process', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp({ TENANT_REQUESTS_PER_SECOND: '0' })
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  describeDashboards({ ...ALL_ZONES, client: () => app, store: (feed) => app.store(feed) })
})
