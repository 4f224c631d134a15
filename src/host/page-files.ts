import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiFailure, messageOf } from '../base/errors.ts'
import type { PageFiles, PageDependencies } from '../http/page/page-routes.ts'
import type { Asset } from '../http/sending/assets.ts'
import type { Logger } from '../base/logger.ts'
import { contentHash } from './compress-asset.ts'
import { PROJECT_ROOT } from './project-root.ts'

/** The folder that `npm run build` writes. */
export const PAGE_FOLDER = join(PROJECT_ROOT, '.build', 'page')
/** Written last, so that every file that it lists exists. */
export const PAGE_MANIFEST = 'manifest.json'
/** The suffixes of the compressed copies beside each file. */
export const COMPRESSED_SUFFIXES = { br: '.br', gzip: '.gz' } as const
/** The page's HTML for `/dashboard` and for `/dashboard/`: both load the same files, by relative addresses. */
export const PAGE_HTML_NAMES = { page: 'dashboard.html', pageInFolder: 'index.html' } as const

/** The files of a build and the sources that it was made of. */
export interface PageManifest {
  /** The bundler and its version. */
  readonly builtWith: string
  /** SHA-256 of every source, by its path from the project's root. */
  readonly sources: Readonly<Record<string, string>>
  /** The media type of each file in the folder, by its name. The names of assets contain a hash of their contents. */
  readonly files: Readonly<Record<string, string>>
}

/**
 * Reads the page that `npm run build` has written, once, into memory; the files are the same on every runtime. Logs when there is no page or when it is older than its
 * sources. The reader rejects while there is no page, and tries again at the next call.
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

/** A source that has changed since the page was built. Sources that do not exist, as in a small image, are not compared. */
export function findChangedSource({ sources }: PageManifest): string | undefined {
  return Object.keys(sources).find((path) => {
    const digest = digestOfSource(path)
    return digest !== undefined && digest !== sources[path]
  })
}

/** SHA-256 of a file of the project, or of the names in a folder, in hexadecimal; undefined when there is neither. */
export function digestOfSource(path: string): string | undefined {
  try {
    const place = join(PROJECT_ROOT, path)
    const contents = statSync(place).isDirectory() ? readdirSync(place).toSorted().join('\n') : readFileSync(place)
    return createHash('sha256').update(contents).digest('hex')
  } catch {
    return undefined
  }
}
