import { useId } from 'preact/hooks'
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import { GRANULARITIES, type Granularity } from '../../../analytics/time/buckets.ts'
import { SelectField } from '../../controls/select-field.tsx'
import { formatCount } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import { datesOf, daysOf } from '../../state/periods.ts'
import { ChartPicker } from './chart-picker.tsx'
import { ChosenList } from './chosen-list.tsx'
import { DimensionPicker } from './dimension-picker.tsx'
import type { EditorProps } from './editor-props.ts'
import { PAGE_SIZES } from '../exploration.ts'
import { HavingEditor } from './having-editor.tsx'
import { MetricPicker } from './metric-picker.tsx'
import { restrictionOfGranularity } from '../restrictions.ts'
import { metricTitle } from '../result/result-values.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The parts of the query, each of which changes the address at once. */
export function QueryEditor(props: EditorProps) {
  const { schema, exploration, onChange } = props
  const { metrics, dimensions } = exploration
  const id = useId()
  const texts = explorerTexts()
  return (
    <section class="card query-editor" aria-labelledby={id}>
      <h2 id={id} class="visually-hidden">
        {texts.query}
      </h2>
      <div class="query-part">
        <h3>{texts.metrics}</h3>
        <ChosenList<QueryMetricName>
          label={texts.metrics}
          names={metrics}
          text={(name) => metricTitle(schema, name, metrics)}
          least={1}
          onChange={(next) => onChange({ metrics: next })}
        />
        <MetricPicker {...props} />
      </div>
      <div class="query-part">
        <h3>{texts.dimensions}</h3>
        {dimensions.length === 0 && <p class="note">{texts.notDivided}</p>}
        <ChosenList
          label={texts.dimensions}
          names={dimensions}
          text={(name) => messages().dimensions[name]}
          least={0}
          onChange={(next) => onChange({ dimensions: next })}
        />
        <DimensionPicker {...props} />
      </div>
      <div class="query-part">
        <h3 class="visually-hidden">{texts.chart}</h3>
        <TimeField {...props} />
        <HavingEditor {...props} />
        <OrderField {...props} />
        <SelectField
          label={texts.pageSize}
          name="rows"
          value={String(exploration.pageSize)}
          options={PAGE_SIZES.map((size) => ({ value: String(size), text: formatCount(size) }))}
          onChange={(value) => onChange({ pageSize: Number(value) })}
        />
        <ChartPicker {...props} />
      </div>
    </section>
  )
}

function TimeField({ schema, exploration: { granularity }, asOf, onChange }: EditorProps) {
  const { address } = useApp()
  const texts = explorerTexts()
  const days = daysOf(datesOf(address.viewState.value, asOf))
  const possible = GRANULARITIES.filter(
    (each) => each === granularity || restrictionOfGranularity(schema, each, days) === undefined,
  )
  return (
    <SelectField
      label={texts.overTime}
      name="time"
      value={granularity ?? ''}
      options={[
        { value: '', text: texts.noTime },
        ...possible.map((each) => ({ value: each, text: texts.perUnit[each] })),
      ]}
      onChange={(value) => onChange({ granularity: (value || undefined) as Granularity | undefined })}
    />
  )
}

/** The order of the rows. The headings of the table change it too. */
function OrderField({ schema, exploration, onChange }: EditorProps) {
  const { metrics, dimensions, granularity, order } = exploration
  const texts = explorerTexts()
  const names: readonly (readonly [name: string, text: string])[] = [
    ...metrics.map((name) => [name, metricTitle(schema, name, metrics)] as const),
    ...dimensions.map((name) => [name, messages().dimensions[name]] as const),
    ...(granularity ? ([['timestamp', texts.time]] as const) : []),
  ]
  return (
    <SelectField
      label={texts.order}
      name="order"
      value={order ? `${order.by} ${order.direction}` : ''}
      options={[
        { value: '', text: texts.usualOrder },
        ...names.flatMap(([name, text]) => [
          { value: `${name} desc`, text: texts.descending(text) },
          { value: `${name} asc`, text: texts.ascending(text) },
        ]),
      ]}
      onChange={(value) => {
        const [by = '', direction] = value.split(' ')
        onChange({ order: value === '' ? undefined : { by, direction: direction === 'asc' ? 'asc' : 'desc' } })
      }}
    />
  )
}
