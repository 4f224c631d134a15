import { ConditionsField } from '../analysis/conditions-field.tsx'
import { eventName } from '../analysis/event-choices.ts'
import { EventSelect } from '../analysis/event-select.tsx'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { SelectField } from '../controls/select-field.tsx'
import { type FunnelDefinition, type FunnelExclusion, MAX_EXCLUSIONS } from './funnel-definition.ts'
import { eventGroupsOf, firstUnusedEvent, stepName } from './funnel-names.ts'

interface ExclusionsEditorProps {
  readonly funnel: FunnelDefinition
  readonly onChange: (funnel: FunnelDefinition) => void
}

/** The events that must not lie between two steps. */
export function ExclusionsEditor({ funnel, onChange }: ExclusionsEditorProps) {
  const { funnel: texts, event: eventLabel, remove } = analysisTexts()
  const { exclusions, steps } = funnel
  const set = (next: readonly FunnelExclusion[]) => onChange({ ...funnel, exclusions: next })
  const stepOptions = steps.map((step, index) => ({
    value: String(index + 1),
    text: `${index + 1} · ${stepName(step)}`,
  }))
  return (
    <section class="editor-part" aria-label={texts.exclusions}>
      {exclusions.length > 0 && (
        <>
          <h3>{texts.exclusions}</h3>
          <p class="note">{texts.exclusionsHint}</p>
          <ul class="editor-rows of-exclusions" role="list">
            {exclusions.map((exclusion, index) => {
              const label = `${texts.exclusion(String(index + 1))}, ${eventName(exclusion.event)}`
              const change = (next: FunnelExclusion) => set(exclusions.with(index, next))
              const { filter: _, ...unfiltered } = exclusion
              return (
                <li key={index} class="editor-row">
                  <EventSelect
                    label={`${label}: ${eventLabel}`}
                    value={exclusion.event}
                    groups={eventGroupsOf(funnel.entity)}
                    onChange={(event) => change({ ...exclusion, event })}
                  />
                  <ConditionsField
                    name={label}
                    filter={exclusion.filter}
                    onChange={(filter) => change({ ...unfiltered, ...(filter && { filter }) })}
                  />
                  <SelectField
                    label={texts.between}
                    name="after"
                    value={String(exclusion.after)}
                    options={stepOptions.slice(0, -1)}
                    onChange={(value) => {
                      const after = Number(value)
                      change({ ...exclusion, after, before: Math.max(exclusion.before, after + 1) })
                    }}
                  />
                  <SelectField
                    label={texts.and}
                    name="before"
                    value={String(exclusion.before)}
                    options={stepOptions.slice(exclusion.after)}
                    onChange={(value) => change({ ...exclusion, before: Number(value) })}
                  />
                  <span class="row-actions">
                    <button
                      type="button"
                      class="button icon quiet"
                      aria-label={remove(label)}
                      onClick={() => set(exclusions.toSpliced(index, 1))}
                    >
                      ×
                    </button>
                  </span>
                </li>
              )
            })}
          </ul>
        </>
      )}
      {exclusions.length < MAX_EXCLUSIONS && (
        <button
          type="button"
          class="button"
          onClick={() => set([...exclusions, { event: firstUnusedEvent(funnel), after: 1, before: steps.length }])}
        >
          {texts.addExclusion}
        </button>
      )}
    </section>
  )
}
