import { bundleEdge } from '../../support/runtimes/edge-bundle.ts'

/** The size in bytes of the bundle that an edge provider gets. */
export async function benchEdgeSize() {
  const bundle = new TextEncoder().encode(await bundleEdge())
  return { minified: bundle.byteLength, gzipped: Bun.gzipSync(bundle).byteLength }
}
