import { useId } from 'preact/hooks'
import { DIMENSION_NAMES, type DimensionName } from '../../../analytics/dimensions.ts'
import { Popover } from '../../components/popover.tsx'
import { messages } from '../../messages/messages.ts'
import type { EditorProps } from './editor-props.ts'
import { restrictionText } from '../restriction-text.ts'
import { restrictionOfDimension } from '../restrictions.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** The choice of dimensions. Those that the chosen metrics cannot be divided by say why. */
export function DimensionPicker(props: EditorProps) {
  const texts = explorerTexts()
  return (
    <Popover class="metric-picker" label={texts.chooseDimensions}>
      {() => (
        <fieldset class="choice-group">
          <legend>{texts.dimensions}</legend>
          {DIMENSION_NAMES.map((name) => (
            <DimensionChoice key={name} name={name} {...props} />
          ))}
        </fieldset>
      )}
    </Popover>
  )
}

function DimensionChoice({ name, schema, exploration, onChange }: EditorProps & { readonly name: DimensionName }) {
  const id = useId()
  const { dimensions } = exploration
  const restriction = restrictionOfDimension(schema, name, exploration)
  const isChosen = dimensions.includes(name)
  return (
    <div class="choice">
      <label>
        <input
          type="checkbox"
          checked={isChosen}
          aria-disabled={restriction !== undefined}
          aria-describedby={restriction ? `${id}-reason` : undefined}
          onClick={(event) => restriction && event.preventDefault()}
          onChange={() =>
            onChange({ dimensions: isChosen ? dimensions.filter((each) => each !== name) : [...dimensions, name] })
          }
        />
        <span>{messages().dimensions[name]}</span>
      </label>
      {restriction && (
        <p id={`${id}-reason`} class="note">
          {restrictionText(restriction)}
        </p>
      )}
    </div>
  )
}
