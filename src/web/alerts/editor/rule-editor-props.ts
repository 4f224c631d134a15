import type { QuerySchema } from '../../explorer/query-schema.ts'
import type { RuleDraft } from '../rule-draft.ts'
import type { Problems } from './problems.ts'

/** What each part of the editor gets. */
export interface RulePartProps {
  readonly schema: QuerySchema
  readonly rule: RuleDraft
  readonly problems: Problems
  /** Changes the newest rule: the field that the focus leaves and the next one may change it before it is drawn again. */
  readonly onChange: (change: (rule: RuleDraft) => RuleDraft) => void
}
