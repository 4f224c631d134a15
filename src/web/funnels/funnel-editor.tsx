import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { DIMENSION_NAMES, type DimensionName } from '../../analytics/dimensions.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { Card } from '../components/card.tsx'
import { SelectField } from '../controls/select-field.tsx'
import { messages } from '../messages/messages.ts'
import {
  BREAKDOWN_POSITIONS,
  FUNNEL_ENTITIES,
  FUNNEL_ORDERS,
  type FunnelDefinition,
  type FunnelEntity,
  isWindow,
  windowParts,
  type WindowUnit,
} from './funnel-definition.ts'
import { ExclusionsEditor } from './exclusions-editor.tsx'
import { funnelOfEntity } from './funnel-names.ts'
import { PresetSelect } from './preset-select.tsx'
import type { FunnelPreset } from './funnel-answer.ts'
import { StepsEditor } from './steps-editor.tsx'

interface FunnelEditorProps {
  readonly funnel: FunnelDefinition
  readonly presets: readonly FunnelPreset[]
  /** Called with each change: it is shown at once. */
  readonly onChange: (funnel: FunnelDefinition) => void
}

/** Everything that defines a funnel. */
export function FunnelEditor({ funnel, presets, onChange }: FunnelEditorProps) {
  const { funnel: texts } = analysisTexts()
  const change = (next: Partial<FunnelDefinition>) => onChange({ ...funnel, ...next })
  return (
    <Card title={texts.editor} class="analysis-editor">
      <div class="filter-bar">
        <PresetSelect funnel={funnel} presets={presets} onChange={onChange} />
        <SelectField
          label={texts.entity}
          name="entity"
          value={funnel.entity}
          options={FUNNEL_ENTITIES.map((value) => ({ value, text: texts.entities[value] }))}
          onChange={(value) => onChange(funnelOfEntity(funnel, value as FunnelEntity))}
        />
        <SelectField
          label={texts.order}
          name="order"
          value={funnel.order}
          options={FUNNEL_ORDERS.map((value) => ({ value, text: texts.orders[value] }))}
          onChange={(value) => change({ order: value as FunnelDefinition['order'] })}
        />
        <WindowField window={funnel.window} onChange={(window) => change({ window })} />
        <BreakdownFields funnel={funnel} onChange={onChange} />
      </div>
      <StepsEditor funnel={funnel} onChange={onChange} />
      <ExclusionsEditor funnel={funnel} onChange={onChange} />
    </Card>
  )
}

/** A number and a unit. A number that is too large or too small is not taken. */
function WindowField({ window, onChange }: { readonly window: string; readonly onChange: (window: string) => void }) {
  const { funnel: texts } = analysisTexts()
  const id = useId()
  const problem = useSignal(false)
  const { count, unit } = windowParts(window)
  const take = (next: string) => {
    problem.value = !isWindow(next)
    if (!problem.value && next !== window) onChange(next)
  }
  return (
    <div class="field window-field" role="group" aria-label={texts.window}>
      <label for={id}>{texts.window}</label>
      <input
        id={id}
        type="number"
        min={1}
        value={count}
        aria-invalid={problem.value}
        aria-describedby={problem.value ? `${id}-problem` : undefined}
        onChange={({ currentTarget }) => take(`${currentTarget.value}${unit}`)}
      />
      <span class="select">
        <select
          aria-label={texts.windowUnit}
          value={unit}
          onChange={({ currentTarget }) => take(`${count}${currentTarget.value}`)}
        >
          {(Object.keys(texts.windowUnits) as WindowUnit[]).map((each) => (
            <option key={each} value={each}>
              {texts.windowUnits[each]}
            </option>
          ))}
        </select>
      </span>
      {problem.value && (
        <p id={`${id}-problem`} class="field-problem window-problem" role="alert">
          {texts.windowProblem}
        </p>
      )}
    </div>
  )
}

function BreakdownFields({ funnel, onChange }: Omit<FunnelEditorProps, 'presets'>) {
  const { funnel: texts } = analysisTexts()
  const { dimensions } = messages()
  const { breakdown, ...undivided } = funnel
  return (
    <>
      <SelectField
        label={texts.breakdown}
        name="breakdown"
        value={breakdown?.dimension ?? ''}
        options={[
          { value: '', text: texts.noBreakdown },
          ...DIMENSION_NAMES.map((name) => ({ value: name, text: dimensions[name] })),
        ]}
        onChange={(value) =>
          onChange(
            value === ''
              ? undivided
              : { ...undivided, breakdown: { dimension: value as DimensionName, of: breakdown?.of ?? 'entry' } },
          )
        }
      />
      {breakdown && (
        <SelectField
          label={texts.breakdownOf}
          name="breakdown-of"
          value={breakdown.of}
          options={BREAKDOWN_POSITIONS.map((value) => ({ value, text: texts.breakdownsOf[value] }))}
          onChange={(value) =>
            onChange({ ...undivided, breakdown: { ...breakdown, of: value as typeof breakdown.of } })
          }
        />
      )}
    </>
  )
}
