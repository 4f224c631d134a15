import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import {
  findChangedSource,
  digestOfSource,
  COMPRESSED_SUFFIXES,
  PAGE_FOLDER,
  PAGE_MANIFEST,
  PAGE_HTML_NAMES,
  PROJECT_ROOT,
  type PageManifest,
  readPageManifest,
} from '../page-files.ts'

const ENTRY = join(PROJECT_ROOT, 'src', 'web', 'index.html')
/** The module that the bundler runs instead of bundling it: only its result gets into the page. */
const BUILD_TIME_MODULE = join(PROJECT_ROOT, 'src', 'analytics', 'dashboards', 'page-controls.ts')
const BUILT_WITH = `bun ${Bun.version}`
/** Where the HTML finds its assets from `/dashboard/`, and from `/dashboard`. Relative, so that a proxy may put any prefix before them. */
const ASSET_BASE_PATHS = { pageInFolder: './assets/', page: './dashboard/assets/' }

/**
 * Bundles the dashboards' page with the runtime's own bundler into a folder, unless what is there was made of the same sources. Safe beside another build and beside
 * a service that reads: a file is put in place whole, the manifest last. Rejects when the sources do not bundle. Resolves with whether there was something to do.
 */
export async function buildPage(folder = PAGE_FOLDER): Promise<boolean> {
  const previous = readPageManifest(folder)
  if (previous?.builtWith === BUILT_WITH && isComplete(previous, folder) && findChangedSource(previous) === undefined)
    return false
  const { outputs, metafile } = await Bun.build({
    entrypoints: [ENTRY],
    target: 'browser',
    minify: true,
    metafile: true,
    // A browser without Temporal loads it as a chunk; chunks name each other relative to themselves.
    splitting: true,
    naming: { chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  })
  const built = outputs.map((output) => [basename(output.path), output] as const)
  const html = await built.find(([name]) => name === PAGE_HTML_NAMES.pageInFolder)![1].text()
  const files: readonly (readonly [string, Blob])[] = [
    ...built.filter(([name]) => name !== PAGE_HTML_NAMES.pageInFolder),
    ...(['pageInFolder', 'page'] as const).map((form) => {
      const text = html.replaceAll('"./', `"${ASSET_BASE_PATHS[form]}`)
      return [PAGE_HTML_NAMES[form], new Blob([text], { type: 'text/html;charset=utf-8' })] as const
    }),
  ]
  mkdirSync(folder, { recursive: true })
  for (const [name, file] of files) await writeCompressed(join(folder, name), new Uint8Array(await file.arrayBuffer()))
  const manifest = {
    builtWith: BUILT_WITH,
    sources: Object.fromEntries(
      sourcePathsOf({ ...metafile!.inputs, ...(await buildTimeInputs()) }).map((path) => [path, digestOfSource(path)!]),
    ),
    files: Object.fromEntries(files.map(([name, file]) => [name, file.type])),
  } satisfies PageManifest
  writeAtomically(join(folder, PAGE_MANIFEST), JSON.stringify(manifest, undefined, 2))
  removeStaleFiles(folder, manifest, previous)
  return true
}

/** The sources of the build-time module, which the bundle's own metafile leaves out. */
async function buildTimeInputs(): Promise<object> {
  const { metafile } = await Bun.build({ entrypoints: [BUILD_TIME_MODULE], packages: 'external', metafile: true })
  return metafile!.inputs
}

/** Whether every file that the manifest names is there. */
function isComplete({ files }: PageManifest, folder: string): boolean {
  const present = new Set(readdirSync(folder))
  return fileNamesOf(files).every((name) => present.has(name))
}

/** What was bundled, and this file, which decides how. */
function sourcePathsOf(inputs: object): string[] {
  const paths = [...Object.keys(inputs), relative(process.cwd(), fileURLToPath(import.meta.url))]
  return paths.map((path) => relative(PROJECT_ROOT, join(process.cwd(), path))).toSorted()
}

async function writeCompressed(path: string, contents: Uint8Array<ArrayBuffer>): Promise<void> {
  writeAtomically(path, contents)
  // The best that each can do: once a build, and then read by everybody.
  writeAtomically(path + COMPRESSED_SUFFIXES.br, await promisify(brotliCompress)(contents))
  writeAtomically(path + COMPRESSED_SUFFIXES.gzip, await promisify(gzip)(contents, { level: 9 }))
}

function writeAtomically(path: string, contents: string | Uint8Array): void {
  const temporaryFile = `${path}.${crypto.randomUUID()}.part`
  writeFileSync(temporaryFile, contents)
  renameSync(temporaryFile, path)
}

/** Files of the build before stay: a service that has just read its manifest may still want them. */
function removeStaleFiles(folder: string, ...manifests: readonly (PageManifest | undefined)[]): void {
  const kept = new Set([PAGE_MANIFEST, ...manifests.flatMap((manifest) => fileNamesOf(manifest?.files ?? {}))])
  for (const name of readdirSync(folder))
    if (!kept.has(name) && !name.endsWith('.part')) rmSync(join(folder, name), { force: true })
}

function fileNamesOf(files: PageManifest['files']): string[] {
  return Object.keys(files).flatMap((name) =>
    ['', ...Object.values(COMPRESSED_SUFFIXES)].map((ending) => name + ending),
  )
}
