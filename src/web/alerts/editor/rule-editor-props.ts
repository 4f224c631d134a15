import type { QuerySchema } from '../../explorer/query-schema.ts'
import type { RuleDraft } from '../rule-draft.ts'
import type { Problems } from './problems.ts'

/** What each part of the editor gets. */
export interface RulePartProps {
  readonly schema: QuerySchema
  readonly rule: RuleDraft
  readonly problems: Problems
  readonly onChange: (rule: RuleDraft) => void
}
