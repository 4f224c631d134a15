/** One short run per kind of fault of a single process, with its control. `test/faults/long` runs the whole matrix. */
import { testShortRuns } from './short-runs.ts'

testShortRuns([
  { name: 'service-killed', seconds: 5, controlDifference: 'should be' },
  { name: 'broker-late', seconds: 1, controlDifference: 'dead letters' },
  { name: 'broker-leader-killed', seconds: 1 },
  { name: 'store-answers', seconds: 8 },
])
