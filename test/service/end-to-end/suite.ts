import { afterAll, beforeAll, describe } from 'bun:test'
import { describeDashboards, FEW_ZONES } from '../../support/dashboards/dashboard-cases.ts'
import { describeIntake } from './intake-cases.ts'
import { describeRefusals } from './refusal-cases.ts'
import {
  openServiceFixture,
  publishAndCount,
  type ServiceFixture,
  type StartStore,
} from '../../support/process/service-fixture.ts'
import { describeStops } from './stop-cases.ts'

export interface EndToEndOptions {
  readonly startStore: StartStore
  /** Whether ranges, granularities and filters are queried; `test/app` does this on the embedded engine. */
  readonly hasAllQueries: boolean
  /** Whether the process is killed repeatedly. */
  readonly hasKills: boolean
}

/**
 * The contract of the process from outside, over a real broker and the store that `startStore` returns: the same
 * guarantees apply to the in-process engine and to a server. The cases of the shutdown compare every dashboard.
 */
export function endToEndSuite(name: string, { startStore, hasAllQueries, hasKills }: EndToEndOptions): void {
  describe(name, () => {
    let fixture: ServiceFixture | undefined
    const opened = () => {
      if (!fixture) throw new Error('The service did not start.')
      return fixture
    }
    beforeAll(async () => {
      fixture = await openServiceFixture({ startStore })
    }, 90_000)
    afterAll(async () => {
      await fixture?.close()
    }, 30_000)

    if (hasAllQueries)
      describeDashboards({
        ...FEW_ZONES,
        client: () => opened().service(),
        store: (feed) => publishAndCount(opened(), feed),
      })
    describeRefusals(opened)
    describeIntake(opened)
    describeStops(startStore, hasKills)
  })
}
