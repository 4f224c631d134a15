import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartFailure } from '../../base/errors.ts'
import { randomSecret } from './random-secret.ts'
import { replaceFile } from './replace-file.ts'

/** The shortest key that HS256 allows. */
const MIN_SECRET_LENGTH = 32
const SECRET_BYTES = 48

/** The development secret of a data directory that this process has locked: generated once, readable by its owner only. Throws a StartFailure when the file is damaged. */
export function readOrCreateDevelopmentSecret(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'development-secret')
  const secret = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (secret.length >= MIN_SECRET_LENGTH) return secret
  // An empty file remains from a write to a full disk: no token was signed with it.
  if (secret !== '') throw new StartFailure(`${file} is damaged. Delete it, and the service generates a new secret.`)
  const generated = randomSecret(SECRET_BYTES)
  replaceFile(file, generated)
  return generated
}
