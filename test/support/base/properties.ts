/** fast-check, drawing from the seed of the test run. Its message about a failed property names the seed and the path. */
import * as fc from 'fast-check'
import { SEED } from './seed.ts'

fc.configureGlobal({ seed: SEED })

export { fc }
