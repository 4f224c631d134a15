import { Glob } from 'bun'
import { withoutComments } from './source-calls.ts'

const root = new URL('../../src/', import.meta.url).pathname

/** The texts of all modules of src, without comments. */
export async function sourceTexts(): Promise<string[]> {
  const paths = await Array.fromAsync(new Glob('**/*.{ts,mjs}').scan({ cwd: root }))
  return Promise.all(paths.map(async (path) => withoutComments(await Bun.file(root + path).text())))
}
