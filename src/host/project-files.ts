/**
 * What the machine's disk gives the service: migrations, the docs page's files, the development secret.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartFailure } from '../base/errors.ts'
import type { Migration } from '../clickhouse/schema/migrate.ts'
import type { DocsAssets } from '../http/docs/docs-routes.ts'
import { compressAsset } from './compress-asset.ts'
import { replaceFile } from './data-directory/replace-file.ts'

/** A key of HS256 has to be so long. */
const MIN_SECRET_LENGTH = 32

const PROJECT_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export function readMigrations(directory = join(PROJECT_ROOT, 'migrations')): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ name, sql: readFileSync(join(directory, name), 'utf8') }))
}

/** The files of Swagger UI, from its package; read and compressed once each, when they are first asked for. */
export function createDocsAssets(): DocsAssets {
  const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  const cache = new Map<string, ReturnType<DocsAssets>>()
  return (name, type) => {
    let asset = cache.get(name)
    if (!asset) {
      asset = readFile(join(directory, name)).then((bytes) => compressAsset(type, new Uint8Array(bytes)))
      cache.set(name, asset)
      asset.catch(() => cache.delete(name))
    }
    return asset
  }
}

/** The development secret of a data directory that this process has locked: made once, readable by its owner only. */
export function readOrCreateDevelopmentSecret(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = join(dataDir, 'development-secret')
  const secret = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (secret.length >= MIN_SECRET_LENGTH) return secret
  // An empty one was left behind by a disk that was full, and signed nothing yet.
  if (secret !== '') throw new StartFailure(`${file} is damaged: delete it, and a new secret is made.`)
  const generated = Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString('base64url')
  replaceFile(file, generated)
  return generated
}
