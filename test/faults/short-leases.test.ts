/** Short runs of the faults after which leases or an election are awaited; their controls wait as long, and run with the whole matrix (`test/faults/long`). */
import { testShortRuns } from './short-runs.ts'

testShortRuns([
  { name: 'member-paused', seconds: 1 },
  { name: 'broker-leader-killed', seconds: 1 },
])
