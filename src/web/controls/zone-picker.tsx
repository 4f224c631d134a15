import { messages } from '../messages/messages.ts'
import { formatZoneName } from '../state/zone-names.ts'

interface ZonePickerProps {
  readonly zone: string
  readonly onChange: (zone: string) => void
}

/** The time zone of days and hours. */
export function ZonePicker({ zone }: ZonePickerProps) {
  return (
    <label class="zone-picker">
      <span>{messages().filters.timeZone}</span>
      <input name="zone" value={formatZoneName(zone)} readOnly />
    </label>
  )
}
