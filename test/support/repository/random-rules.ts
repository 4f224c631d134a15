import type { SourceFile } from './architecture-rules.ts'

/** The only source of randomness in tests, and the programs that read their seed from the command line. */
const DRAWING = [
  'test/support/base/seed.ts',
  'test/support/base/properties.ts',
  'test/faults/main.ts',
  'test/fuzz/main.ts',
]

/** Tests are repeatable: all random values derive from the seed of the run. */
export function checkRandomness({ path, text }: SourceFile): string[] {
  if (!/^test\/(unit|app|integration|service|browser|runtimes|snapshots|repository|faults|fuzz|support)\//.test(path))
    return []
  if (
    DRAWING.includes(path) ||
    path === 'test/repository/architecture.test.ts' ||
    path === 'test/support/repository/random-rules.ts'
  )
    return []
  return [
    ...(text.includes('Math.random(')
      ? [`${path} draws from Math.random: use SEED of test/support/base/seed.ts.`]
      : []),
    ...(text.includes("from 'fast-check'")
      ? [`${path} imports fast-check: import fc from test/support/base/properties.ts.`]
      : []),
  ]
}
