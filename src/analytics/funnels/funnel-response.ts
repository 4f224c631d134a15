/** The response to a funnel. */
import { type Static, Type } from '@sinclair/typebox'
import { drillSchema } from '../drill-down/drill-schema.ts'
import { count, instant, object, text } from '../schemas.ts'

const seconds = (description: string) =>
  Type.Union([Type.Number(), Type.Null()], { description: `${description}, in seconds; null where there is none` })
const rateSchema = (description: string) => Type.Number({ description: `${description}, in percent` })

const FunnelStepResult = object(
  {
    name: text('The name of the step, or its event type'),
    event: text('The event type'),
    count: count('The entities that reached the step'),
    conversionFromFirst: rateSchema('Of those that entered'),
    conversionFromPrevious: Type.Union([Type.Number(), Type.Null()], {
      description: 'Of those that reached the step before, in percent; null for the first step',
    }),
    droppedOff: count('The entities that reached the step before and not this one; 0 for the first step'),
    medianSeconds: seconds('The median time from the event of the step before'),
    p90Seconds: seconds('The time from the event of the step before that 90 % do not exceed'),
    drill: drillSchema,
    droppedOffDrill: Type.Optional(drillSchema),
  },
  'A step.',
  'FunnelStepResult',
)

export const FunnelData = object(
  {
    entered: count('The entities with an attempt'),
    excluded: count('The entities all of whose attempts are void; they are in no step'),
    excludedDrill: drillSchema,
    open: count('The entities that have not reached the last step and whose window has not ended'),
    openDrill: drillSchema,
    steps: Type.Array(FunnelStepResult, { description: 'The steps in order.' }),
    overall: object(
      {
        conversionRate: rateSchema('The entities that reached the last step, of those that entered'),
        medianSeconds: seconds('The median time from the entry to the last step'),
        p90Seconds: seconds('The time from the entry to the last step that 90 % do not exceed'),
      },
      'From the entry to the last step.',
      'FunnelOverall',
    ),
    breakdown: Type.Optional(
      Type.Array(
        object(
          {
            key: Type.Union([Type.String(), Type.Number()], {
              description: 'The value; `(other)` for all beyond the 20 most frequent ones, `(none)` for no value',
            }),
            name: Type.Optional(text('The latest known name of a campaign, workflow, sequence or template')),
            steps: Type.Array(count('The entities that reached the step'), { description: 'Of each step.' }),
          },
          'A value of the breakdown.',
          'FunnelBreakdownRow',
        ),
        { description: 'The most frequent values first; together they are the steps.' },
      ),
    ),
    trend: Type.Optional(
      Type.Array(
        object(
          {
            timestamp: instant('The start of the bucket'),
            entered: count('The entities whose entry lies in it'),
            converted: count('Those of them that reached the last step'),
            conversionRate: rateSchema('Those of them that reached the last step'),
            complete: Type.Boolean({ description: 'Whether the windows of all entries of the bucket have ended.' }),
          },
          'A bucket of the trend.',
          'FunnelTrendItem',
        ),
        { description: 'By the time of the entry.' },
      ),
    ),
  },
  'The answer of a funnel.',
  'Funnel',
)
export type FunnelData = Static<typeof FunnelData>
