import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ApiFailure } from '../../errors.ts'
import type { BundlePage } from '../runtime.ts'

const PAGE = new URL('../../web/index.html', import.meta.url)
/** What the page itself loads: Deno's bundler sees to its scripts only. */
const LOADED = /\b(href|src)="(\.\/[^"]+)"/g
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css;charset=utf-8',
  js: 'text/javascript;charset=utf-8',
  svg: 'image/svg+xml',
}

export const bundlePage: BundlePage = async (publicPath) => {
  let page = await readFile(PAGE, 'utf8')
  const files = new Map<string, Blob>()
  for (const [, attribute, path] of page.matchAll(LOADED)) {
    const source = fileURLToPath(new URL(path!, PAGE))
    const [, name, extension] = /([^/]+)\.(\w+)$/.exec(source.replace(/\.ts$/, '.js'))!
    const contents = extension === 'svg' ? await readFile(source) : await bundle(source)
    const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8)
    const fileName = `${name}-${hash}.${extension}`
    files.set(fileName, new Blob([contents], { type: TYPES[extension!]! }))
    page = page.replace(`${attribute}="${path}"`, `${attribute}="${publicPath}${fileName}"`)
  }
  return files.set('index.html', new Blob([page], { type: 'text/html;charset=utf-8' }))
}

/** Scripts and style sheets. The runtime fetches its bundler from the packages' registry when it is first needed on a machine. */
async function bundle(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const { outputFiles, errors } = await Deno.bundle({
    entrypoints: [entry],
    platform: 'browser',
    minify: true,
    write: false,
  }).catch((cause: unknown) => {
    throw new ApiFailure(
      'UNAVAILABLE',
      'The page cannot be bundled: this runtime fetches its bundler from the npm registry when it is first needed.',
      [],
      cause,
    )
  })
  const contents = outputFiles?.[0]?.contents
  if (!contents) throw new Error(`The page does not bundle: ${errors.map(({ text }) => text).join('; ')}`)
  return new Uint8Array(contents)
}
