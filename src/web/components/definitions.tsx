import { messages } from '../messages/messages.ts'
import { isOfEvents, type ShownMetricName } from '../metrics/shown-metric.ts'
import { Icon } from './icon.tsx'
import { Popover } from './popover.tsx'

const INFO_ICON = 'M14 8a6 6 0 1 1-12 0 6 6 0 0 1 12 0zM8 7.5v3.75M8 5v.01'

interface DefinitionsProps {
  /** What the numbers belong to. */
  readonly title: string
  readonly names: readonly ShownMetricName[]
}

/** A small button that shows what numbers mean, in the words of the metric registry. */
export function Definitions({ title, names }: DefinitionsProps) {
  const { metrics, engagement } = messages()
  // Messages and events have the same labels in places.
  const isMixed = names.some(isOfEvents) && !names.every(isOfEvents)
  return (
    <Popover class="definitions" label={<Icon path={INFO_ICON} />} accessibleName={engagement.definitions(title)}>
      {() => (
        // It takes the focus, so that the keys scroll a long list.
        <dl tabIndex={0}>
          {names.map((name) => (
            <div key={name}>
              <dt>{isMixed && isOfEvents(name) ? engagement.asEvents(metrics[name].label) : metrics[name].label}</dt>
              <dd>{metrics[name].definition}</dd>
            </div>
          ))}
        </dl>
      )}
    </Popover>
  )
}
