import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ApiFailure, messageOf } from '../base/errors.ts'
import type { PageFiles, PageDependencies } from '../http/page/page-routes.ts'
import type { Asset } from '../http/sending/assets.ts'
import type { Logger } from '../base/logger.ts'
import { contentHash } from './compress-asset.ts'

export const PROJECT_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
/** Where `npm run build` puts the page's files. */
export const PAGE_FOLDER = join(PROJECT_ROOT, '.build', 'page')
/** Written last: whatever it lists is there. */
export const PAGE_MANIFEST = 'manifest.json'
/** Beside each file, the same compressed, by what is added to its name. */
export const COMPRESSED_SUFFIXES = { br: '.br', gzip: '.gz' } as const
/** The two forms of the page's HTML: they load the same files, by addresses relative to `/dashboard` and to `/dashboard/`. */
export const PAGE_HTML_NAMES = { page: 'dashboard.html', pageInFolder: 'index.html' } as const

/** What a build of the page made, and of what. */
export interface PageManifest {
  /** The bundler and its version. */
  readonly builtWith: string
  /** SHA-256 of every source, by its path from the project's root. */
  readonly sources: Readonly<Record<string, string>>
  /** The media type of each file in the folder, by its name; names of assets hold a hash of their contents. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * The dashboards' page as `npm run build` left it, read once, into memory; the same files on every runtime. Says in the log when there is none or when it is older
 * than its sources. Rejects while there is none, and looks again at the next call.
 */
export function createPageFileReader(logger: Logger, folder = PAGE_FOLDER): PageDependencies['files'] {
  let files: Promise<PageFiles> | undefined
  const read = () =>
    (files ??= readPageFiles(logger, folder).catch((error: unknown) => {
      files = undefined
      throw error
    }))
  read().catch((error: unknown) => logger.warn(messageOf(error)))
  return read
}

async function readPageFiles(logger: Logger, folder: string): Promise<PageFiles> {
  const notBuiltError = (cause?: unknown) =>
    new ApiFailure('UNAVAILABLE', "The dashboards' page has not been built: run `npm run build`.", [], cause)
  const manifest = readPageManifest(folder)
  if (!manifest) throw notBuiltError()
  const changed = findChangedSource(manifest)
  if (changed !== undefined)
    logger.warn("the dashboards' page is older than its sources: run `npm run build`", { changed })
  const files = await Promise.all(
    Object.entries(manifest.files).map(
      async ([name, type]) => [name, await readPageFile(join(folder, name), type)] as const,
    ),
  ).catch((error: unknown) => {
    throw notBuiltError(error)
  })
  const { page, pageInFolder } = PAGE_HTML_NAMES
  const assets = new Map(files)
  const html = { page: assets.get(page)!, pageInFolder: assets.get(pageInFolder)! }
  for (const name of [page, pageInFolder]) assets.delete(name)
  return { ...html, assets }
}

async function readPageFile(path: string, type: string): Promise<Asset> {
  const read = async (ending: string) => new Uint8Array(await readFile(path + ending))
  const [identity, br, gzip] = await Promise.all(['', COMPRESSED_SUFFIXES.br, COMPRESSED_SUFFIXES.gzip].map(read))
  return { type, identity: identity!, br: br!, gzip: gzip!, hash: contentHash(identity!) }
}

/** Undefined when the page has not been built. */
export function readPageManifest(folder: string): PageManifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, PAGE_MANIFEST), 'utf8')) as PageManifest
  } catch {
    return undefined
  }
}

/** A source that is not what it was when the page was built. Where sources have been left out, as in a small image, there is nothing to compare. */
export function findChangedSource({ sources }: PageManifest): string | undefined {
  return Object.keys(sources).find((path) => {
    const digest = digestOfSource(path)
    return digest !== undefined && digest !== sources[path]
  })
}

/** SHA-256 of a file of the project, in hexadecimal; undefined when there is no such file. */
export function digestOfSource(path: string): string | undefined {
  try {
    return createHash('sha256')
      .update(readFileSync(join(PROJECT_ROOT, path)))
      .digest('hex')
  } catch {
    return undefined
  }
}
