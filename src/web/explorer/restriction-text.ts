import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import type { Restriction } from './restrictions.ts'
import { explorerTexts } from './texts/explorer-texts.ts'

/** Why a choice is not possible, as a sentence. */
export function restrictionText(restriction: Restriction): string {
  const { restrictions } = explorerTexts()
  const { metrics, dimensions } = messages()
  switch (restriction.kind) {
    case 'divided':
    case 'filtered':
      return restrictions[restriction.kind](metrics[restriction.metric].label, dimensions[restriction.dimension])
    case 'mostMetrics':
    case 'mostDimensions':
      return restrictions[restriction.kind](formatCount(restriction.most))
    case 'chart':
      return restrictions[restriction.reason]
    default:
      return restrictions[restriction.kind]
  }
}
