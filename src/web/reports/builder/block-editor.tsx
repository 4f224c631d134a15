import { useId } from 'preact/hooks'
import { TIME_RANGE_PRESETS } from '../../../analytics/time/time-range.ts'
import { type Chart, REPORT_LIMITS } from '../../../reports/report-parts.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import { SelectField } from '../../controls/select-field.tsx'
import type { QuerySchema } from '../../explorer/query-schema.ts'
import { messages } from '../../messages/messages.ts'
import { dashboardBody, drawnChart, possibleCharts } from '../blocks/block-charts.ts'
import { presetOf, rangeTextOf, withPreset } from '../blocks/block-range.ts'
import type { DraftBlock, Mistake } from '../report-draft.ts'
import { reportTexts } from '../texts/report-texts.ts'

interface BlockEditorProps {
  readonly block: DraftBlock
  /** Names the block and its position. */
  readonly name: string
  readonly position: { readonly index: number; readonly count: number }
  readonly mistakes: readonly Mistake[]
  readonly schema: QuerySchema
  readonly onChange: (next: Partial<BlockRequest>) => void
  readonly onMove: (offset: number) => void
  readonly onRemove: () => void
  readonly onDrag: (isDragged: boolean) => void
}

/** The title, the chart and the range of a block, and its place in the report. */
export function BlockEditor(props: BlockEditorProps) {
  const { block, name, position, mistakes, schema, onChange, onMove, onRemove, onDrag } = props
  const id = useId()
  const texts = reportTexts()
  const { builder } = texts
  const isTitleWrong = mistakes.some(({ path }) => path === 'title')
  return (
    <fieldset class="block-editor" aria-describedby={mistakes.length > 0 ? `${id}-problems` : undefined}>
      <legend class="visually-hidden">{name}</legend>
      <span
        class="drag-handle"
        draggable
        aria-hidden="true"
        onDragStart={(event) => {
          onDrag(true)
          event.dataTransfer?.setData('text/plain', block.title)
        }}
        onDragEnd={() => onDrag(false)}
      >
        {position.index + 1}
      </span>
      <input
        class="block-title"
        name="block-title"
        aria-label={`${name}: ${builder.blockTitle}`}
        maxLength={REPORT_LIMITS.title}
        value={block.title}
        aria-invalid={isTitleWrong}
        onInput={({ currentTarget }) => onChange({ title: currentTarget.value })}
      />
      <span class="row-actions">
        <MoveButton
          label={builder.moveUp(name)}
          text="↑"
          offset={-1}
          isDisabled={position.index === 0}
          onMove={onMove}
        />
        <MoveButton
          label={builder.moveDown(name)}
          text="↓"
          offset={1}
          isDisabled={position.index === position.count - 1}
          onMove={onMove}
        />
        <button type="button" class="button icon quiet" aria-label={builder.removeBlock(name)} onClick={onRemove}>
          ×
        </button>
      </span>
      <div class="block-options">
        <span class="row-label">{sourceOf(block)}</span>
        <ChartField block={block} schema={schema} onChange={onChange} />
        <RangeField block={block} onChange={onChange} />
      </div>
      <div id={`${id}-problems`} class="block-problems">
        {mistakes.map(({ path, message }) => (
          <p key={path} class="field-problem" role="alert">
            {path === 'title' ? texts.mistakes.title : texts.mistakes.body(path.replace(/^body\.?/, ''), message)}
          </p>
        ))}
      </div>
    </fieldset>
  )
}

/** Where the block comes from. */
function sourceOf({ kind, body }: BlockRequest): string {
  const { kinds } = reportTexts()
  const { views } = messages()
  if (kind !== 'dashboard') return kinds[kind]
  const dashboard = String(body['dashboard'])
  const view = Object.hasOwn(views, dashboard) ? views[dashboard as keyof typeof views].title : dashboard
  return `${kinds.dashboard}: ${view}`
}

type FieldProps = Pick<BlockEditorProps, 'block' | 'onChange'>

function ChartField({ block, schema, onChange }: FieldProps & Pick<BlockEditorProps, 'schema'>) {
  const { builder, charts } = reportTexts()
  const { kind, body } = block
  const change = (chart: Chart) =>
    onChange({
      chart,
      // Only the hours of traffic make a heat map.
      ...(kind === 'dashboard' && body['dashboard'] === 'traffic' && { body: dashboardBody('traffic', chart, body) }),
    })
  return (
    <SelectField
      label={builder.chart}
      name="chart"
      value={drawnChart(block, schema)}
      options={possibleCharts(block, schema).map((value) => ({ value, text: charts[value] }))}
      onChange={(value) => change(value as Chart)}
    />
  )
}

/** A preset, which moves with the days; fixed dates stay until a preset is chosen. */
function RangeField({ block: { body }, onChange }: FieldProps) {
  const { builder } = reportTexts()
  const { presets } = messages().dateRange
  const preset = presetOf(body)
  const current = preset ? [] : [{ value: '', text: rangeTextOf(body) ?? builder.ownRange }]
  return (
    <SelectField
      label={builder.range}
      name="range"
      value={preset ?? ''}
      options={[...current, ...TIME_RANGE_PRESETS.map((value) => ({ value, text: presets[value] }))]}
      onChange={(value) => value !== '' && onChange({ body: withPreset(body, value) })}
    />
  )
}

interface MoveButtonProps {
  readonly label: string
  readonly text: string
  readonly offset: number
  readonly isDisabled: boolean
  readonly onMove: (offset: number) => void
}

function MoveButton({ label, text, offset, isDisabled, onMove }: MoveButtonProps) {
  return (
    <button
      type="button"
      class="button icon quiet"
      data-move={offset}
      aria-label={label}
      title={label}
      // A disabled button would lose the focus.
      aria-disabled={isDisabled}
      onClick={() => !isDisabled && onMove(offset)}
    >
      {text}
    </button>
  )
}
