import type { Filter } from '../../filters/filter.ts'
import type { Exploration } from '../exploration.ts'
import type { QuerySchema } from '../query-schema.ts'

/** What each part of the editor gets. */
export interface EditorProps {
  readonly schema: QuerySchema
  readonly exploration: Exploration
  readonly filters: readonly Filter[]
  /** When the numbers were read, epoch milliseconds: the day that is today. */
  readonly asOf: number
  readonly onChange: (next: Partial<Exploration>) => void
}
