/** Short runs of faults of the service and of its store. Their controls run with the whole matrix (`test/faults/long`), one of them also in `crash-before-acknowledgement.test.ts`. */
import { testShortRuns } from './short-runs.ts'

testShortRuns([
  { name: 'service-killed', seconds: 4 },
  { name: 'store-answers', seconds: 8 },
])
