/** A short run of a fault of several processes, with its control. It waits for leases, and takes as long as all runs of `short.test.ts`. */
import { testShortRuns } from './short-runs.ts'

testShortRuns([{ name: 'member-paused', seconds: 1, controlDifference: 'should be' }])
