/** One short run per kind of fault of a single process, with the controls of some. `test/faults/long` runs the whole matrix. */
import { testShortRuns } from './short-runs.ts'

testShortRuns([
  { name: 'service-killed', seconds: 5, controlDifference: 'should be' },
  { name: 'broker-late', seconds: 1, controlDifference: 'dead letters' },
  { name: 'store-answers', seconds: 8 },
])
