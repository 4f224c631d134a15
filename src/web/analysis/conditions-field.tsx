import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { Popover } from '../components/popover.tsx'
import { filterTreeOf } from '../filters/filter.ts'
import { FilterEditor } from '../filters/filter-editor.tsx'
import { conditionText } from '../filters/filter-text.ts'
import { formatCount } from '../format/numbers.ts'
import { messages } from '../messages/messages.ts'
import { conditionsOf } from './conditions.ts'
import { analysisTexts } from './texts/analysis-texts.ts'

interface ConditionsFieldProps {
  /** What the conditions narrow, such as "Step 2, Delivered". */
  readonly name: string
  readonly filter: FilterTree | undefined
  readonly onChange: (filter: FilterTree | undefined) => void
}

/** A button that shows how many conditions narrow an event, and opens them: each can be removed, and another one be added. */
export function ConditionsField({ name, filter, onChange }: ConditionsFieldProps) {
  const { filter: texts, remove } = analysisTexts()
  const { dimensions } = messages()
  const conditions = conditionsOf(filter)
  const textOf = ({ dimension, ...condition }: NonNullable<typeof conditions>[number]) =>
    `${dimensions[dimension]}: ${conditionText({ dimension, ...condition })}`
  const [first, second] = conditions ?? []
  // One condition has room on the button.
  const label =
    first === undefined
      ? conditions
        ? texts.none
        : texts.count(formatCount(1))
      : second === undefined
        ? textOf(first)
        : texts.count(formatCount(conditions!.length))
  return (
    <Popover
      class="conditions"
      label={<span class="conditions-text">{label}</span>}
      accessibleName={`${texts.of(name)}: ${label}`}
    >
      {(close) => (
        <>
          {conditions === undefined && (
            <>
              <p>{texts.nested}</p>
              <button
                type="button"
                class="button"
                onClick={() => {
                  onChange(undefined)
                  close()
                }}
              >
                {texts.clear}
              </button>
            </>
          )}
          {conditions && conditions.length > 0 && (
            <ul class="conditions-list" role="list">
              {conditions.map((condition, index) => (
                <li key={`${index} ${textOf(condition)}`}>
                  <bdi>{textOf(condition)}</bdi>
                  <button
                    type="button"
                    class="button icon quiet"
                    aria-label={remove(textOf(condition))}
                    onClick={() => {
                      onChange(filterTreeOf(conditions.toSpliced(index, 1)))
                      close()
                    }}
                  >
                    ×
                  </button>
                </li>
              ))}
            </ul>
          )}
          {conditions && (
            <FilterEditor
              filter={undefined}
              onApply={(next) => {
                onChange(filterTreeOf([...conditions, next]))
                close()
              }}
            />
          )}
        </>
      )}
    </Popover>
  )
}
