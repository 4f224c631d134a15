import { afterAll, beforeAll, describe } from 'bun:test'
import { type ServiceFixture, openServiceFixture } from '../../support/process/service-fixture.ts'
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { describeDashboardsOf, describeLiveUntilStop, describeStopUnderLoad } from '../deno-cases.ts'

describe('the service on Deno, with a ClickHouse server', () => {
  let opened: ServiceFixture | undefined
  const fixture = () => opened!
  beforeAll(async () => {
    const startStore = async () => {
      const front = await startClickHouseFront()
      return { env: { CLICKHOUSE_URL: front.url }, stop: async () => void (await front.stop()) }
    }
    opened = await openServiceFixture({ startStore, runtime: 'deno' })
  }, 90_000)
  afterAll(() => opened?.close(), 30_000)

  describeDashboardsOf(fixture, ['Asia/Kathmandu'])
  describeStopUnderLoad(fixture)
  describeLiveUntilStop(fixture)
})
