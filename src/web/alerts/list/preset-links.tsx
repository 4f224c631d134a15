import type { AlertPresets } from '../alerts-data.ts'
import { AddressLink } from '../../components/address-link.tsx'
import { alertTexts } from '../texts/alert-texts.ts'

/** A preset in the language of the page. One without a translation has the words of the service. */
export function presetTexts({ name, description }: AlertPresets[number]) {
  const { presets } = alertTexts()
  return Object.hasOwn(presets, name) ? presets[name]! : { name, description }
}

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
