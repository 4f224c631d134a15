import type { AlertPresets } from '../alerts-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { presetTexts } from '../texts/preset-texts.ts'

/** Rules to start from. */
export function PresetLinks({ presets }: { readonly presets: AlertPresets }) {
  return (
    <ul class="preset-list" role="list">
      {presets.map((preset) => {
        const { name, description } = presetTexts(preset)
        return (
          <li key={preset.name}>
            <AddressLink next={{ definition: JSON.stringify({ preset: preset.name }) }}>{name}</AddressLink>
            <p class="note">{description}</p>
          </li>
        )
      })}
    </ul>
  )
}
