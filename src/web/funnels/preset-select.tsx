import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import { SelectField } from '../controls/select-field.tsx'
import type { FunnelPreset } from './funnel-answer.ts'
import { formatFunnel, type FunnelDefinition } from './funnel-definition.ts'
import { funnelOfPreset, presetName } from './funnel-presets.ts'

interface PresetSelectProps {
  readonly funnel: FunnelDefinition
  readonly presets: readonly FunnelPreset[]
  readonly onChange: (funnel: FunnelDefinition) => void
}

/** The funnels of the service to start from. The chosen one is shown as long as nothing of it is changed. */
export function PresetSelect({ funnel, presets, onChange }: PresetSelectProps) {
  const { funnel: texts } = analysisTexts()
  const shown = formatFunnel(funnel)
  const selected = presets.find((preset) => formatFunnel(funnelOfPreset(preset)) === shown)
  return (
    <SelectField
      label={texts.preset}
      name="preset"
      value={selected?.id ?? ''}
      options={[
        ...(selected ? [] : [{ value: '', text: texts.ownFunnel }]),
        ...presets.map((preset) => ({ value: preset.id, text: presetName(preset) })),
      ]}
      onChange={(value) => {
        const preset = presets.find(({ id }) => id === value)
        if (preset) onChange(funnelOfPreset(preset))
      }}
    />
  )
}
