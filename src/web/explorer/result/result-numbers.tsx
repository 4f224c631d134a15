import { ChangeText } from '../../components/kpi/change-text.tsx'
import { Definitions } from '../../components/definitions.tsx'
import { NoData } from '../../components/no-data.tsx'
import { DrillLink } from '../../drill-down/drill-link.tsx'
import { describeChange } from '../../format/changes.ts'
import { messages } from '../../messages/messages.ts'
import { betterDirectionOf } from '../../metrics/shown-metric.ts'
import type { ResultProps } from './result-props.ts'
import { useResultDrills } from './result-drills.ts'
import { metricOf } from '../query-schema.ts'
import { formatterOf, metricTitle } from './result-values.ts'

/** Each metric as one number, with its change since the older range. */
export function ResultNumbers(props: ResultProps) {
  const { schema, exploration, answer } = props
  const { metrics } = exploration
  const drills = useResultDrills(props)
  const texts = messages()
  return (
    <div class="kpi-section" role="group" aria-label={texts.totals}>
      <dl class="kpi-cards" data-count={metrics.length}>
        {metrics.map((name) => {
          const { unit } = metricOf(schema, name)
          const label = metricTitle(schema, name, metrics)
          const value = answer.totals?.[name] ?? null
          const previous = answer.comparison?.totals?.[name]
          const isCompared = value !== null && typeof previous === 'number' && unit !== 'seconds'
          const kind = unit === 'percent' ? 'rate' : 'count'
          return (
            <div key={name} class="kpi-card" data-metric={name}>
              <dt>
                <span>{label}</span>
                <Definitions title={label} names={[name]} />
              </dt>
              <dd class="headline">
                <span class="value">
                  {value === null ? (
                    <NoData />
                  ) : (
                    <DrillLink drill={answer.rows[0] && drills?.ofRow(name, answer.rows[0])} label={label}>
                      {formatterOf({ unit })(value)}
                    </DrillLink>
                  )}
                </span>
                {isCompared && (
                  <ChangeText
                    change={
                      value === 0 && previous === 0 ? undefined : describeChange({ current: value, previous, kind })
                    }
                    better={betterDirectionOf(name)}
                  />
                )}
              </dd>
              <dd class="definition">{texts.metrics[name].definition}</dd>
            </div>
          )
        })}
      </dl>
    </div>
  )
}
