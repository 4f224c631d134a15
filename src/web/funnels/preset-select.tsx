import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { SelectField } from '../controls/select-field.tsx'
import { formatFunnel, funnelOf, type FunnelDefinition } from './funnel-definition.ts'
import type { FunnelPreset } from './funnel-answer.ts'

interface PresetSelectProps {
  readonly funnel: FunnelDefinition
  readonly presets: readonly FunnelPreset[]
  readonly onChange: (funnel: FunnelDefinition) => void
}

/** The funnels of the service to start from. The chosen one is shown as long as nothing of it is changed. */
export function PresetSelect({ funnel, presets, onChange }: PresetSelectProps) {
  const { funnel: texts } = analysisTexts()
  const choices = presets.map(({ id, name, body }) => ({ id, text: presetText(id, name), funnel: funnelOf(body) }))
  const shown = formatFunnel(funnel)
  const selected = choices.find((choice) => formatFunnel(choice.funnel) === shown)
  return (
    <SelectField
      label={texts.preset}
      name="preset"
      value={selected?.id ?? ''}
      options={[
        ...(selected ? [] : [{ value: '', text: texts.ownFunnel }]),
        ...choices.map(({ id, text }) => ({ value: id, text })),
      ]}
      onChange={(value) => {
        const choice = choices.find(({ id }) => id === value)
        if (choice) onChange(choice.funnel)
      }}
    />
  )
}

function presetText(id: string, name: string): string {
  const { presets } = analysisTexts().funnel
  return Object.hasOwn(presets, id) ? presets[id as keyof typeof presets] : name
}
