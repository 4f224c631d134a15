import { useId } from 'preact/hooks'
import { ConditionsField } from '../analysis/conditions-field.tsx'
import { eventName } from '../analysis/event-choices.ts'
import { EventSelect } from '../analysis/event-select.tsx'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { Card } from '../components/card.tsx'
import { SelectField } from '../controls/select-field.tsx'
import {
  COHORT_KINDS,
  COHORT_UNITS,
  type CohortDefinition,
  type CohortEvent,
  COUNTINGS,
  ENGAGEMENT_EVENTS,
  type EngagementDefinition,
  MODES,
  parseCohorts,
  PERIOD_BOUNDS,
  PERIOD_UNITS,
  type RetentionDefinition,
  SHOWN,
} from './cohort-definition.ts'

interface EditorProps<Definition> {
  readonly definition: Definition
  /** Called with each change: it is shown at once. */
  readonly onChange: (definition: CohortDefinition) => void
}

/** Everything that defines a cohort analysis. */
export function CohortEditor({ definition, onChange }: EditorProps<CohortDefinition>) {
  const { cohort: texts } = analysisTexts()
  const { kind, cohort, show } = definition
  return (
    <Card title={texts.editor} class="analysis-editor">
      <div class="filter-bar">
        <Choice
          label={texts.kind}
          name="kind"
          value={kind}
          choices={COHORT_KINDS}
          texts={texts.kinds}
          onChange={(next) => onChange(parseCohorts(JSON.stringify({ kind: next, cohort, show })))}
        />
        {kind === 'engagement' && <EngagementFields definition={definition} onChange={onChange} />}
        <Choice
          label={texts.cohort}
          name="cohort"
          value={cohort}
          choices={COHORT_UNITS}
          texts={texts.cohortUnits}
          onChange={(next) => onChange({ ...definition, cohort: next })}
        />
        <PeriodsField periods={definition.periods} onChange={(periods) => onChange({ ...definition, periods })} />
        <Choice
          label={texts.show}
          name="show"
          value={show}
          choices={SHOWN}
          texts={texts.shows}
          onChange={(next) => onChange({ ...definition, show: next })}
        />
      </div>
      {kind === 'retention' && <RetentionFields definition={definition} onChange={onChange} />}
    </Card>
  )
}

function EngagementFields({ definition, onChange }: EditorProps<EngagementDefinition>) {
  const { cohort: texts } = analysisTexts()
  const { filter, ...unfiltered } = definition
  return (
    <>
      <Choice
        label={texts.event}
        name="event"
        value={definition.event}
        choices={ENGAGEMENT_EVENTS}
        texts={texts.actions}
        onChange={(event) => onChange({ ...definition, event })}
      />
      <Choice
        label={texts.human}
        name="human"
        value={definition.human ? 'yes' : 'no'}
        choices={['yes', 'no']}
        texts={texts.humans}
        onChange={(next) => onChange({ ...definition, human: next === 'yes' })}
      />
      <Choice
        label={texts.period}
        name="period"
        value={definition.period}
        choices={PERIOD_UNITS}
        texts={texts.periodUnits}
        onChange={(period) => onChange({ ...definition, period })}
      />
      <Choice
        label={texts.cumulative}
        name="cumulative"
        value={definition.cumulative ? 'yes' : 'no'}
        choices={['no', 'yes']}
        texts={texts.cumulatives}
        onChange={(next) => onChange({ ...definition, cumulative: next === 'yes' })}
      />
      <ConditionsField
        name={texts.filter}
        filter={filter}
        onChange={(next) => onChange({ ...unfiltered, ...(next && { filter: next }) })}
      />
    </>
  )
}

function RetentionFields({ definition, onChange }: EditorProps<RetentionDefinition>) {
  const { cohort: texts } = analysisTexts()
  return (
    <div class="editor-part">
      <div class="editor-rows of-events">
        <EventFields
          label={texts.start}
          event={definition.start}
          onChange={(start) => onChange({ ...definition, start })}
        />
        <EventFields
          label={texts.return}
          event={definition.return}
          onChange={(next) => onChange({ ...definition, return: next })}
        />
      </div>
      <div class="filter-bar">
        <Choice
          label={texts.counting}
          name="counting"
          value={definition.counting}
          choices={COUNTINGS}
          texts={texts.countings}
          onChange={(counting) => onChange({ ...definition, counting })}
        />
        <Choice
          label={texts.mode}
          name="mode"
          value={definition.mode}
          choices={MODES}
          texts={texts.modes}
          onChange={(mode) => onChange({ ...definition, mode })}
        />
      </div>
    </div>
  )
}

interface EventFieldsProps {
  readonly label: string
  readonly event: CohortEvent
  readonly onChange: (event: CohortEvent) => void
}

function EventFields({ label, event, onChange }: EventFieldsProps) {
  const { event: eventLabel } = analysisTexts()
  const name = `${label}, ${eventName(event.event)}`
  return (
    <div class="editor-row" role="group" aria-label={label}>
      <span class="row-label" aria-hidden="true">
        {label}
      </span>
      <EventSelect
        label={`${label}: ${eventLabel}`}
        value={event.event}
        onChange={(next) => onChange({ ...event, event: next })}
      />
      <ConditionsField
        name={name}
        filter={event.filter}
        onChange={(filter) => onChange({ event: event.event, ...(filter && { filter }) })}
      />
    </div>
  )
}

function PeriodsField({
  periods,
  onChange,
}: {
  readonly periods: number
  readonly onChange: (periods: number) => void
}) {
  const { cohort: texts } = analysisTexts()
  const id = useId()
  const [least, largest] = PERIOD_BOUNDS
  return (
    <div class="field">
      <label for={id}>{texts.periods}</label>
      <input
        id={id}
        type="number"
        min={least}
        max={largest}
        value={periods}
        onChange={({ currentTarget }) => {
          const count = Math.round(Math.min(largest, Math.max(least, Number(currentTarget.value) || periods)))
          currentTarget.value = String(count)
          if (count !== periods) onChange(count)
        }}
      />
    </div>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly name: string
  readonly value: Value
  readonly choices: readonly Value[]
  readonly texts: Readonly<Record<Value, string>>
  readonly onChange: (value: Value) => void
}

function Choice<const Value extends string>({ label, name, value, choices, texts, onChange }: ChoiceProps<Value>) {
  return (
    <SelectField
      label={label}
      name={name}
      value={value}
      options={choices.map((choice) => ({ value: choice, text: texts[choice] }))}
      onChange={(next) => onChange(next as Value)}
    />
  )
}
