import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
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
  type PageManifest,
  readPageManifest,
} from '../page-files.ts'
import { replaceFile, TEMPORARY_SUFFIX } from '../data-directory/replace-file.ts'
import { CommandFailure } from '../../base/errors.ts'
import { PROJECT_ROOT } from '../project-root.ts'

const WEB_FOLDER = join(PROJECT_ROOT, 'src', 'web')
const ENTRY = join(WEB_FOLDER, 'index.html')
/** The modules that the bundler runs instead of bundling them: only their results become part of the page. */
const BUILD_TIME_MODULES = ['analytics/dashboards/page-controls.ts', 'events/first-steps.ts'].map((path) =>
  join(PROJECT_ROOT, 'src', path),
)
/** Every file `<id>.tsx` of this folder is a view. */
const VIEWS_FOLDER = join(PROJECT_ROOT, 'src', 'web', 'views')
const BUILT_WITH = `bun ${Bun.version}`
/** The base path of the assets for `/dashboard/` and for `/dashboard`. Relative, so that a proxy may add any prefix. */
const ASSET_BASE_PATHS = { pageInFolder: './assets/', page: './dashboard/assets/' }

/**
 * Bundles the dashboards' page into a folder, unless the folder holds a build of the same sources. Safe beside another build and beside a service that reads: each file is
 * replaced as a whole, the manifest last. Resolves with whether the page was built; rejects when the sources cannot be bundled.
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
    // Without it, JSX is compiled for development: larger, and with checks at each element.
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [VIEW_MODULES, ONE_FIRST_CHUNK],
    // A browser without Temporal loads it as a chunk; chunks name each other relative to themselves.
    splitting: true,
    naming: { chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  }).catch(rethrowWithCauses)
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
      sourcePathsOf({ ...metafile!.inputs, ...(await buildTimeInputs()) }).flatMap((path) => {
        const digest = digestOfSource(path)
        // A module that the build makes has no file.
        return digest === undefined ? [] : [[path, digest]]
      }),
    ),
    files: Object.fromEntries(files.map(([name, file]) => [name, file.type])),
  } satisfies PageManifest
  writePageFile(join(folder, PAGE_MANIFEST), JSON.stringify(manifest, undefined, 2))
  removeStaleFiles(folder, manifest, previous)
  return true
}

/** Makes the module `view-modules`, which contains every view by its id, so that a new view is one more file. */
const VIEW_MODULES: Bun.BunPlugin = {
  name: 'view-modules',
  setup(build) {
    build.onResolve({ filter: /^view-modules$/ }, () => ({ path: 'view-modules', namespace: 'view-modules' }))
    build.onLoad({ filter: /.*/, namespace: 'view-modules' }, () => {
      const ids = viewFileNames().map((name) => basename(name, '.tsx'))
      const imports = ids.map((id, index) => `import * as view${index} from ${JSON.stringify(join(VIEWS_FOLDER, id))}`)
      const entries = ids.map((id, index) => `${JSON.stringify(id)}: view${index}`)
      return { contents: [...imports, `export const viewModules = { ${entries.join(', ')} }`].join('\n'), loader: 'js' }
    })
  },
}

/** The page without its entry, which everything of a first visit belongs to. */
const FIRST_VISIT = ['layout/root.tsx', 'state/view-loader.ts', 'firing/firing-alerts.ts'].map((path) =>
  join(WEB_FOLDER, path),
)

/**
 * Makes every module that is loaded later import the page itself, which has been loaded by then. The bundler makes a chunk of the modules that the same entries need: without it, it
 * would split the page into one chunk for each set of later modules that share a part of it, and many small chunks compress badly.
 */
const ONE_FIRST_CHUNK: Bun.BunPlugin = {
  name: 'one-first-chunk',
  setup(build) {
    const later = new Set(laterModules())
    build.onLoad({ filter: /\/src\/web\/.*\.tsx?$/ }, async ({ path, loader }) => {
      if (!later.has(path)) return undefined
      const imports = FIRST_VISIT.map((each) => `import ${JSON.stringify(each)}`)
      return { contents: [await Bun.file(path).text(), ...imports].join('\n'), loader }
    })
  },
}

const LATER_IMPORT = /\bimport\('(\.[^']+)'\)/g

/** The modules of the page that it imports while it runs. */
function laterModules(): string[] {
  return readdirSync(WEB_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => {
      const path = join(WEB_FOLDER, name)
      return [...readFileSync(path, 'utf8').matchAll(LATER_IMPORT)].map(([, target]) => join(dirname(path), target!))
    })
}

function viewFileNames(): string[] {
  return readdirSync(VIEWS_FOLDER)
    .filter((name) => name.endsWith('.tsx'))
    .toSorted()
}

/** The message of the bundler's error says only that it failed; the errors in it say why. */
function rethrowWithCauses(error: unknown): never {
  if (!(error instanceof AggregateError)) throw error
  throw new CommandFailure([error.message, ...error.errors.map(String)].join('\n'))
}

/** The sources of the build-time modules, which the bundle's own metafile leaves out. */
async function buildTimeInputs(): Promise<object> {
  const { metafile } = await Bun.build({ entrypoints: BUILD_TIME_MODULES, packages: 'external', metafile: true })
  return metafile!.inputs
}

/** Whether every file of the manifest exists. */
function isComplete({ files }: PageManifest, folder: string): boolean {
  const present = new Set(readdirSync(folder))
  return fileNamesOf(files).every((name) => present.has(name))
}

/** The bundled sources, the folder of the views, and this file, which decides how they are bundled. */
function sourcePathsOf(inputs: object): string[] {
  const own = [VIEWS_FOLDER, fileURLToPath(import.meta.url)].map((path) => relative(process.cwd(), path))
  const paths = [...Object.keys(inputs), ...own]
  return paths.map((path) => relative(PROJECT_ROOT, join(process.cwd(), path))).toSorted()
}

async function writeCompressed(path: string, contents: Uint8Array<ArrayBuffer>): Promise<void> {
  writePageFile(path, contents)
  // The best compression of each method: a build compresses once for all clients.
  writePageFile(path + COMPRESSED_SUFFIXES.br, await promisify(brotliCompress)(contents))
  writePageFile(path + COMPRESSED_SUFFIXES.gzip, await promisify(gzip)(contents, { level: 9 }))
}

function writePageFile(path: string, contents: string | Uint8Array): void {
  replaceFile(path, contents, { mode: 0o644, hasSeveralWriters: true })
}

/** Keeps the files of the previous build: a service that has just read its manifest may still read them. */
function removeStaleFiles(folder: string, ...manifests: readonly (PageManifest | undefined)[]): void {
  const kept = new Set([PAGE_MANIFEST, ...manifests.flatMap((manifest) => fileNamesOf(manifest?.files ?? {}))])
  for (const name of readdirSync(folder))
    if (!kept.has(name) && !name.endsWith(TEMPORARY_SUFFIX)) rmSync(join(folder, name), { force: true })
}

function fileNamesOf(files: PageManifest['files']): string[] {
  return Object.keys(files).flatMap((name) =>
    ['', ...Object.values(COMPRESSED_SUFFIXES)].map((ending) => name + ending),
  )
}
