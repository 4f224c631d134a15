/** Short runs of faults of the service and of its store, with the control of one. `test/faults/long` runs the whole matrix. */
import { testShortRuns } from './short-runs.ts'

testShortRuns([
  { name: 'service-killed', seconds: 6, controlDifference: 'should be' },
  { name: 'store-answers', seconds: 8 },
])
