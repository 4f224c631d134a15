import { afterAll, beforeAll, describe } from 'bun:test'
import { describeDashboards } from './dashboard-cases.ts'
import { describeIntake } from './intake-cases.ts'
import { describeRefusals } from './refusal-cases.ts'
import { type Stage, type StartStore, openStage } from '../../support/process/service-fixture.ts'
import { describeStops } from './stop-cases.ts'

/**
 * The contract as seen from outside the process, over a real broker and the store that `startStore` gives: the same
 * guarantees on the in-process engine and on a server.
 */
export function endToEndSuite(name: string, startStore: StartStore): void {
  describe(name, () => {
    let stage: Stage | undefined
    const opened = () => {
      if (!stage) throw new Error('The service did not start.')
      return stage
    }
    beforeAll(async () => {
      stage = await openStage(startStore)
    }, 90_000)
    afterAll(async () => {
      await stage?.close()
    }, 30_000)

    describeDashboards(opened)
    describeRefusals(opened)
    describeIntake(opened)
    describeStops(startStore)
  })
}
