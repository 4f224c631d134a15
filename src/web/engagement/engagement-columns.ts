/** The columns of tables whose rows say what became of messages. */
import type {
  EngagementCountName,
  EngagementRateName,
  EngagementValues,
} from '../../analytics/engagement/engagement-metrics.ts'
import type { Column } from '../components/table/column.ts'
import { messages } from '../messages/messages.ts'
import { engagementRate } from '../metrics/engagement-rates.ts'
import { kindOf } from '../metrics/shown-metric.ts'

interface EngagedRow {
  readonly engagement: EngagementValues
}

/** The columns that every such table has, the most important first. The others are shown when the user chooses them. */
const COLUMNS = [
  'messages',
  'humanOpenRate',
  'humanClickRate',
  'complaintRate',
  'hardBounceRate',
  'deliveredMessages',
  'humanOpens',
  'humanClicks',
] as const
const OPTIONAL_COLUMNS = [
  'uniqueOpens',
  'uniqueOpenRate',
  'uniqueClicks',
  'uniqueClickRate',
  'clickToOpenRate',
  'unsubscribeRate',
  'bounceMessageRate',
] as const

export const ENGAGEMENT_COLUMNS = [...COLUMNS, ...OPTIONAL_COLUMNS] as const

/** A column per metric; with the totals of all rows where they are known. */
export function engagementColumns<Row extends EngagedRow>(totals: EngagementValues | undefined): Column<Row>[] {
  const { metrics } = messages()
  return ENGAGEMENT_COLUMNS.map((name) => {
    const { label, definition } = metrics[name]
    return {
      id: name,
      label,
      description: definition,
      kind: kindOf(name),
      value: ({ engagement }) => valueOf(name, engagement),
      total: totals && valueOf(name, totals),
      hasBar: name === 'messages',
      isOptional: OPTIONAL_COLUMNS.some((each) => each === name),
    }
  })
}

function valueOf(name: EngagementCountName | EngagementRateName, engagement: EngagementValues): number | null {
  return kindOf(name) === 'rate' ? engagementRate(name as EngagementRateName, engagement) : engagement[name]
}
