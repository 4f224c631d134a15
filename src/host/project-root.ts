import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json, as an absolute path. */
export const PROJECT_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
