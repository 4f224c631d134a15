import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import {
  changedSource,
  digestOf,
  ENCODINGS,
  PAGE_FOLDER,
  PAGE_MANIFEST,
  PAGE_NAMES,
  PROJECT_ROOT,
  type PageManifest,
  readPageManifest,
} from '../page-files.ts'

const ENTRY = join(PROJECT_ROOT, 'src', 'web', 'index.html')
const BUILT_WITH = `bun ${Bun.version}`
/** Where the HTML finds its assets from `/dashboard/`, and from `/dashboard`. Relative, so that a proxy may put any prefix before them. */
const ASSETS = { pageInFolder: './assets/', page: './dashboard/assets/' }

/**
 * Bundles the dashboards' page with the runtime's own bundler into a folder, unless what is there was made of the same sources. Safe beside another build and beside
 * a service that reads: a file is put in place whole, the manifest last. Rejects when the sources do not bundle. Resolves with whether there was something to do.
 */
export async function buildPage(folder = PAGE_FOLDER): Promise<boolean> {
  const previous = readPageManifest(folder)
  if (previous?.builtWith === BUILT_WITH && isWhole(previous, folder) && changedSource(previous) === undefined)
    return false
  const { outputs, metafile } = await Bun.build({
    entrypoints: [ENTRY],
    target: 'browser',
    minify: true,
    metafile: true,
    publicPath: ASSETS.pageInFolder,
    naming: { chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  })
  const built = outputs.map((output) => [output.path.split('/').at(-1)!, output] as const)
  const html = await built.find(([name]) => name === PAGE_NAMES.pageInFolder)![1].text()
  const files: readonly (readonly [string, Blob])[] = [
    ...built,
    [
      PAGE_NAMES.page,
      new Blob([html.replaceAll(`"${ASSETS.pageInFolder}`, `"${ASSETS.page}`)], { type: 'text/html;charset=utf-8' }),
    ],
  ]
  mkdirSync(folder, { recursive: true })
  for (const [name, file] of files) await writeCompressed(join(folder, name), new Uint8Array(await file.arrayBuffer()))
  const manifest = {
    builtWith: BUILT_WITH,
    sources: Object.fromEntries(sourcesOf(metafile!.inputs).map((path) => [path, digestOf(path)!])),
    files: Object.fromEntries(files.map(([name, file]) => [name, file.type])),
  } satisfies PageManifest
  put(join(folder, PAGE_MANIFEST), JSON.stringify(manifest, undefined, 2))
  removeAllBut(folder, manifest, previous)
  return true
}

/** Whether every file that the manifest names is there. */
function isWhole({ files }: PageManifest, folder: string): boolean {
  const present = new Set(readdirSync(folder))
  return fileNamesOf(files).every((name) => present.has(name))
}

/** What was bundled, and this file, which decides how. */
function sourcesOf(inputs: object): string[] {
  const paths = [...Object.keys(inputs), relative(process.cwd(), fileURLToPath(import.meta.url))]
  return paths.map((path) => relative(PROJECT_ROOT, join(process.cwd(), path))).toSorted()
}

async function writeCompressed(path: string, contents: Uint8Array<ArrayBuffer>): Promise<void> {
  put(path, contents)
  // The best that each can do: once a build, and then read by everybody.
  put(path + ENCODINGS.br, await promisify(brotliCompress)(contents))
  put(path + ENCODINGS.gzip, await promisify(gzip)(contents, { level: 9 }))
}

function put(path: string, contents: string | Uint8Array): void {
  const part = `${path}.${crypto.randomUUID()}.part`
  writeFileSync(part, contents)
  renameSync(part, path)
}

/** Files of the build before stay: a service that has just read its manifest may still want them. */
function removeAllBut(folder: string, ...manifests: readonly (PageManifest | undefined)[]): void {
  const kept = new Set([PAGE_MANIFEST, ...manifests.flatMap((manifest) => fileNamesOf(manifest?.files ?? {}))])
  for (const name of readdirSync(folder))
    if (!kept.has(name) && !name.endsWith('.part')) rmSync(join(folder, name), { force: true })
}

function fileNamesOf(files: PageManifest['files']): string[] {
  return Object.keys(files).flatMap((name) => ['', ...Object.values(ENCODINGS)].map((ending) => name + ending))
}
