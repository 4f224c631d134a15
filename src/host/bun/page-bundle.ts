import { fileURLToPath } from 'node:url'
import type { BundlePage } from '../runtime.ts'

const ENTRY = fileURLToPath(new URL('../../web/index.html', import.meta.url))

export const bundlePage: BundlePage = async (publicPath) => {
  const { outputs } = await Bun.build({
    entrypoints: [ENTRY],
    target: 'browser',
    minify: true,
    publicPath,
    naming: { chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  })
  return new Map(outputs.map((output) => [output.path.split('/').at(-1)!, output]))
}
