/** The first half of the fault matrix: part of `npm run test:long`. */
import { testMatrix } from './matrix.ts'

testMatrix(0)
