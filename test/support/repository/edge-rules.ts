import { importsOf, resolve, type SourceFile } from './architecture-rules.ts'

const ENTRY = 'src/edge.ts'
/** Modules that an edge runtime does not have. */
const FOREIGN = /^(?:node:|bun(?::|$)|(?:@clickhouse\/client|nats|croner|chdb)(?:\/|$))/

/** One sentence per module that the edge entry imports directly or indirectly and that an edge runtime does not have. Type imports do not count. */
export function checkEdge(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Set<string>()
  const found: string[] = []
  const walk = (path: string): void => {
    const file = byPath.get(path)
    if (!file || reached.has(path)) return
    reached.add(path)
    for (const { target, isTypeOnly } of importsOf(file)) {
      if (isTypeOnly) continue
      if (target.startsWith('.')) walk(resolve(path, target))
      else if (FOREIGN.test(target))
        found.push(`${path} imports ${target}, and ${ENTRY} leads to it: take it as a port, or import its types only.`)
    }
  }
  walk(ENTRY)
  return found
}
