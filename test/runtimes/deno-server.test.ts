import { afterAll, beforeAll, describe } from 'bun:test'
import { type Stage, openStage } from '../support/process/service-fixture.ts'
import { startClickHouseFront } from '../support/clickhouse-front/start.ts'
import { describeDashboardsOf, describeLiveUntilStop, describeStopUnderLoad } from './deno-cases.ts'

describe('the service on Deno, before a ClickHouse server', () => {
  let opened: Stage | undefined
  const stage = () => opened!
  beforeAll(async () => {
    const startStore = async () => {
      const front = await startClickHouseFront()
      return { env: { CLICKHOUSE_URL: front.url }, stop: async () => void (await front.stop()) }
    }
    opened = await openStage(startStore, { runtime: 'deno' })
  }, 90_000)
  afterAll(() => opened?.close(), 30_000)

  describeDashboardsOf(stage, ['Asia/Kathmandu'])
  describeStopUnderLoad(stage)
  describeLiveUntilStop(stage)
})
