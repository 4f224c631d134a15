import type { Filter } from '../filters/filter.ts'
import type { Exploration } from './exploration.ts'
import type { QuerySchema } from './query-schema.ts'
import { restrictionText } from './restriction-text.ts'
import { pairsOf } from './restrictions.ts'
import { explorerTexts } from './texts/explorer-texts.ts'

interface RefusedQueryProps {
  /** The code of the service; undefined for a combination that it was not asked for. */
  readonly code: string | undefined
  readonly schema: QuerySchema
  readonly chosen: Exploration & { readonly filters: readonly Filter[] }
}

/** In place of a result: why the query has none. */
export function RefusedQuery({ code, schema, chosen }: RefusedQueryProps) {
  const texts = explorerTexts()
  const isTooLarge = code === 'TOO_MANY_GROUPS'
  const reasons = pairsOf(schema, chosen).map(restrictionText)
  return (
    <section class="status-message" role="alert">
      <h2>{isTooLarge ? texts.tooMany : texts.refused}</h2>
      {reasons.map((reason) => (
        <p key={reason}>{reason}</p>
      ))}
      {reasons.length === 0 && <p>{isTooLarge ? texts.tooManyHint : texts.refusedHint}</p>}
    </section>
  )
}
