import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import { Popover } from '../../components/popover.tsx'
import { searchableText, searchRows } from '../../components/table/search-rows.ts'
import { messages } from '../../messages/messages.ts'
import type { EditorProps } from './editor-props.ts'
import { metricsByGroup } from '../query-schema.ts'
import { restrictionText } from '../restriction-text.ts'
import { restrictionOfMetric } from '../restrictions.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The choice of metrics: in groups, with a search and their definitions. Those that the query cannot have say why. */
export function MetricPicker(props: EditorProps) {
  return (
    <Popover class="metric-picker" label={explorerTexts().chooseMetrics}>
      {() => <MetricList {...props} />}
    </Popover>
  )
}

function MetricList({ schema, exploration, filters, onChange }: EditorProps) {
  const { metrics, dimensions } = exploration
  const typed = useSignal('')
  const texts = explorerTexts()
  const search = typed.value.trim()
  const groups = metricsByGroup(schema).flatMap(([group, members]) => {
    const names = members.map(({ name }) => name as QueryMetricName)
    const found = searchRows(names, search, textOf)
    return found.length > 0 ? [{ group, names: found }] : []
  })
  const toggle = (name: QueryMetricName) =>
    onChange({ metrics: metrics.includes(name) ? metrics.filter((each) => each !== name) : [...metrics, name] })
  return (
    <>
      <input
        type="search"
        class="choice-search"
        aria-label={texts.searchMetrics}
        placeholder={texts.searchMetrics}
        autocomplete="off"
        value={typed}
        onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
      />
      {groups.length === 0 && <p class="note">{texts.noMetric(search)}</p>}
      {groups.map(({ group, names }) => (
        <fieldset key={group} class="choice-group">
          <legend>{texts.groups[group]}</legend>
          {names.map((name) => {
            const restriction = restrictionOfMetric(schema, name, { metrics, dimensions, filters })
            return (
              <MetricChoice
                key={name}
                name={name}
                isChosen={metrics.includes(name)}
                reason={restriction && restrictionText(restriction)}
                onToggle={() => toggle(name)}
              />
            )
          })}
        </fieldset>
      ))}
    </>
  )
}

interface MetricChoiceProps {
  readonly name: QueryMetricName
  readonly isChosen: boolean
  /** Why it cannot be changed. */
  readonly reason: string | undefined
  readonly onToggle: () => void
}

function MetricChoice({ name, isChosen, reason, onToggle }: MetricChoiceProps) {
  const id = useId()
  const isExplained = useSignal(false)
  const { label, definition } = messages().metrics[name]
  return (
    <div class="choice">
      <label>
        <input
          type="checkbox"
          checked={isChosen}
          aria-disabled={reason !== undefined}
          aria-describedby={reason === undefined ? undefined : `${id}-reason`}
          // A disabled field would be no stop of the keyboard, and its reason would not be read.
          onClick={(event) => reason !== undefined && event.preventDefault()}
          onChange={onToggle}
        />
        <span>{label}</span>
      </label>
      <button
        type="button"
        class="button icon quiet"
        aria-label={explorerTexts().meaning(label)}
        aria-expanded={isExplained.value}
        onClick={() => (isExplained.value = !isExplained.value)}
      >
        ?
      </button>
      {reason !== undefined && (
        <p id={`${id}-reason`} class="note">
          {reason}
        </p>
      )}
      {isExplained.value && <p class="choice-definition">{definition}</p>}
    </div>
  )
}

/** What the search looks in. */
function textOf(name: QueryMetricName): string {
  const { label, definition } = messages().metrics[name]
  return searchableText(`${label}\n${definition}\n${name}`)
}
