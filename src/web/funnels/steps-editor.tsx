import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { ConditionsField } from '../analysis/conditions-field.tsx'
import { eventName } from '../analysis/event-choices.ts'
import { EventSelect } from '../analysis/event-select.tsx'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import {
  addStep,
  changeStep,
  type FunnelDefinition,
  type FunnelStepDefinition,
  moveStep,
  removeStep,
  STEP_COUNTS,
} from './funnel-definition.ts'
import { eventGroupsOf, firstUnusedEvent, stepName } from './funnel-names.ts'

interface StepsEditorProps {
  readonly funnel: FunnelDefinition
  readonly onChange: (funnel: FunnelDefinition) => void
}

/** The steps of a funnel as a list. A step moves by its buttons, or with the mouse. */
export function StepsEditor({ funnel, onChange }: StepsEditorProps) {
  const { funnel: texts } = analysisTexts()
  const { steps } = funnel
  const list = useRef<HTMLOListElement>(null)
  const dragged = useSignal<number | undefined>(undefined)
  const announcement = useSignal('')
  /** The control that receives the focus after a move, by its position and direction. */
  const focusNext = useRef<string>(undefined)
  const move = (from: number, to: number) => {
    const next = moveStep(funnel, from, to)
    if (next === funnel || from === to) return
    announcement.value = texts.moved(stepName(steps[from]!), String(to + 1))
    onChange(next)
  }
  useLayoutEffect(() => {
    if (focusNext.current === undefined) return
    const buttons = [...list.current!.querySelectorAll<HTMLElement>(focusNext.current)]
    focusNext.current = undefined
    // The first step cannot move up: its other button takes the focus.
    ;(buttons.find((button) => button.getAttribute('aria-disabled') !== 'true') ?? buttons[0])?.focus()
  }, [steps])
  return (
    <section class="editor-part" aria-label={texts.steps}>
      <h3>{texts.steps}</h3>
      <ol ref={list} class="editor-rows" role="list">
        {steps.map((step, index) => {
          const name = texts.step(String(index + 1))
          const label = `${name}, ${stepName(step)}`
          const moveBy = (offset: number) => {
            focusNext.current = `[data-step="${index + offset}"] [data-move]`
            move(index, index + offset)
          }
          return (
            <li
              key={index}
              class="editor-row"
              data-step={index}
              data-dragged={dragged.value === index ? '' : undefined}
              onDragOver={(event) => dragged.value !== undefined && event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault()
                if (dragged.value !== undefined) move(dragged.value, index)
                dragged.value = undefined
              }}
            >
              <span
                class="drag-handle"
                draggable
                aria-hidden="true"
                onDragStart={(event) => {
                  dragged.value = index
                  event.dataTransfer?.setData('text/plain', name)
                }}
                onDragEnd={() => (dragged.value = undefined)}
              >
                {index + 1}
              </span>
              <StepFields
                step={step}
                label={label}
                groups={eventGroupsOf(funnel.entity)}
                onChange={(next) => onChange(changeStep(funnel, index, next))}
              />
              <span class="row-actions">
                <MoveButton label={texts.moveUp(label)} text="↑" isDisabled={index === 0} onMove={() => moveBy(-1)} />
                <MoveButton
                  label={texts.moveDown(label)}
                  text="↓"
                  isDisabled={index === steps.length - 1}
                  onMove={() => moveBy(1)}
                />
                <button
                  type="button"
                  class="button icon quiet"
                  aria-label={texts.removeStep(label)}
                  aria-disabled={steps.length <= STEP_COUNTS.least}
                  onClick={() => {
                    if (steps.length <= STEP_COUNTS.least) return
                    focusNext.current = `[data-step="${Math.min(index, steps.length - 2)}"] [data-move]`
                    onChange(removeStep(funnel, index))
                  }}
                >
                  ×
                </button>
              </span>
            </li>
          )
        })}
      </ol>
      <p class="visually-hidden" role="status">
        {announcement.value}
      </p>
      {steps.length < STEP_COUNTS.most && (
        <button type="button" class="button" onClick={() => onChange(addStep(funnel, firstUnusedEvent(funnel)))}>
          {texts.addStep}
        </button>
      )}
    </section>
  )
}

interface StepFieldsProps {
  readonly step: FunnelStepDefinition
  readonly label: string
  readonly groups: Parameters<typeof EventSelect>[0]['groups']
  readonly onChange: (step: FunnelStepDefinition) => void
}

function StepFields({ step, label, groups, onChange }: StepFieldsProps) {
  const { funnel: texts, event: eventLabel } = analysisTexts()
  const { name, filter, ...event } = step
  const named = name === undefined ? {} : { name }
  return (
    <>
      <EventSelect
        label={`${label}: ${eventLabel}`}
        value={step.event}
        {...(groups && { groups })}
        onChange={(next) => onChange({ ...step, event: next })}
      />
      <ConditionsField
        name={label}
        filter={filter}
        onChange={(next) => onChange({ ...event, ...named, ...(next && { filter: next }) })}
      />
      <input
        class="step-name"
        aria-label={`${label}: ${texts.stepName}`}
        placeholder={texts.stepNameOf(eventName(step.event))}
        maxLength={100}
        value={name ?? ''}
        onChange={({ currentTarget }) => {
          const text = currentTarget.value.trim()
          onChange({ ...event, ...(filter && { filter }), ...(text !== '' && { name: text }) })
        }}
      />
    </>
  )
}

interface MoveButtonProps {
  readonly label: string
  readonly text: string
  readonly isDisabled: boolean
  readonly onMove: () => void
}

function MoveButton({ label, text, isDisabled, onMove }: MoveButtonProps) {
  return (
    <button
      type="button"
      class="button icon quiet"
      data-move=""
      aria-label={label}
      title={label}
      // A disabled button would lose the focus.
      aria-disabled={isDisabled}
      onClick={() => !isDisabled && onMove()}
    >
      {text}
    </button>
  )
}
