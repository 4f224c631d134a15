/** Removes the limit of the number of connections. */
import { replaceText } from '../../faults/mutants/replace-text.ts'

replaceText('src/host/process/connection-limit.ts', 'count > limit', 'count > Infinity')
replaceText('src/host/process/connection-limit.ts', 'files.limit * RESERVED_SHARE', '0')
