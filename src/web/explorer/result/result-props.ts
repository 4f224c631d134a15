import type { QueryData } from '../../../analytics/custom-query/query-response.ts'
import type { ViewState } from '../../state/view-state.ts'
import type { Exploration } from '../exploration.ts'
import type { QuerySchema } from '../query-schema.ts'

/** What each part of the result gets. */
export interface ResultProps {
  readonly schema: QuerySchema
  /** What was asked for. */
  readonly exploration: Exploration
  readonly answer: QueryData
  readonly viewState: ViewState
  /** When the numbers were read, epoch milliseconds. */
  readonly asOf: number
  /** Undefined where the query cannot be changed. */
  readonly onChange?: (next: Partial<Exploration>) => void
}
