/**
 * Files of the project that the service reads: migrations and the files of Swagger UI.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Migration } from '../clickhouse/schema/migrate.ts'
import type { DocsAssets } from '../http/docs/docs-routes.ts'
import { compressAsset } from './compress-asset.ts'
import { PROJECT_ROOT } from './project-root.ts'

export function readMigrations(directory = join(PROJECT_ROOT, 'migrations')): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => ({ name, sql: readFileSync(join(directory, name), 'utf8') }))
}

/** The files of Swagger UI, from its package. Each is read and compressed once, at its first request. */
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
