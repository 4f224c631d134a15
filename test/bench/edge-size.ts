import { bundleEdge } from '../support/runtimes/edge-bundle.ts'

/** What a provider is given of the read side, in bytes. */
export async function benchEdgeSize() {
  const bundle = new TextEncoder().encode(await bundleEdge())
  return { minified: bundle.byteLength, gzipped: Bun.gzipSync(bundle).byteLength }
}
