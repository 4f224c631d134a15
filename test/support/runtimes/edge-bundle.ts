/** The edge entry as one file: built as docs/deployment-edge.md describes. */
const ENTRY = new URL('../../../src/edge.ts', import.meta.url).pathname

export async function bundleEdge({ minify = true }: { readonly minify?: boolean } = {}): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [ENTRY],
    target: 'browser',
    conditions: ['workerd'],
    minify,
  })
  if (outputs.length !== 1) throw new Error(`The edge entry became ${outputs.length} files.`)
  return outputs[0]!.text()
}
