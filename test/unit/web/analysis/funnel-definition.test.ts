import { describe, expect, test } from 'bun:test'
import { CATALOGUE } from '../../../../src/events/catalogue.ts'
import { ENGLISH } from '../../../../src/web/analysis/texts/en.ts'
import {
  addStep,
  FIRST_FUNNEL,
  formatFunnel,
  type FunnelDefinition,
  isWindow,
  moveStep,
  parseFunnel,
  removeStep,
} from '../../../../src/web/funnels/funnel-definition.ts'
import { funnelOfEntity } from '../../../../src/web/funnels/funnel-names.ts'
import { funnelOfReference, parsePresetReference } from '../../../../src/web/funnels/funnel-presets.ts'

const FUNNEL: FunnelDefinition = {
  entity: 'contact',
  steps: [
    { event: 'message_sent', filter: { dimension: 'channel', operator: 'in', values: ['email'] } },
    { event: 'message_opened', name: 'Read' },
    { event: 'message_clicked' },
  ],
  order: 'strict',
  window: '36h',
  exclusions: [{ event: 'message_bounced', after: 1, before: 3 }],
  breakdown: { dimension: 'campaign', of: 'last' },
}
const eventsOf = ({ steps }: FunnelDefinition) => steps.map(({ event }) => event)

describe('a funnel in the address', () => {
  test('is the same after it was read', () => {
    expect(parseFunnel(formatFunnel(FUNNEL))).toEqual(FUNNEL)
  })

  test('needs no text when it is the first one', () => {
    expect(formatFunnel(FIRST_FUNNEL)).toBeUndefined()
    expect(parseFunnel(undefined)).toEqual(FIRST_FUNNEL)
  })

  test.each(['', '{', '[]', '{"steps":[{"event":"message_sent"}]}', '{"steps":[{"event":"A b"},{"event":1}]}'])(
    '%p is the first funnel',
    (text) => expect(parseFunnel(text)).toEqual(FIRST_FUNNEL),
  )

  test('loses invalid parts', () => {
    const text = JSON.stringify({
      ...FUNNEL,
      entity: 'planet',
      order: 1,
      window: '91d',
      steps: [{ event: 'message_sent', filter: { dimension: 'mood', operator: 'in', values: ['x'] } }, { event: 'b' }],
      exclusions: [{ event: 'c', after: 7, before: 1 }],
      breakdown: { dimension: 'mood' },
    })
    expect(parseFunnel(text)).toEqual({
      entity: 'message',
      steps: [{ event: 'message_sent' }, { event: 'b' }],
      order: 'ordered',
      window: '7d',
      exclusions: [{ event: 'c', after: 1, before: 2 }],
    })
  })
})

test.each([
  ['1m', true],
  ['90d', true],
  ['2160h', true],
  ['91d', false],
  ['0h', false],
  ['1.5h', false],
  ['7', false],
])('a window of %s is possible: %p', (window, isPossible) => expect(isWindow(window)).toBe(isPossible))

describe('the steps', () => {
  test('are added at the end and moved to a position', () => {
    expect(eventsOf(addStep(FUNNEL, 'message_bounced')).at(-1)).toBe('message_bounced')
    expect(eventsOf(moveStep(FUNNEL, 0, 2))).toEqual(['message_opened', 'message_clicked', 'message_sent'])
    expect(moveStep(FUNNEL, 0, 3)).toBe(FUNNEL)
    expect(moveStep(FUNNEL, 0, -1)).toBe(FUNNEL)
  })

  test('keep the exclusions between them when one is removed', () => {
    const boundsAfter = (index: number) => removeStep(FUNNEL, index).exclusions.map((each) => [each.after, each.before])
    expect([0, 1, 2].map(boundsAfter)).toEqual([[[1, 2]], [[1, 2]], [[1, 2]]])
    const narrow = { ...FUNNEL, exclusions: [{ event: 'message_bounced', after: 2, before: 3 }] }
    expect(removeStep(narrow, 2).exclusions).toEqual([])
  })

  test('become those of another entity when it cannot have their events', () => {
    expect(eventsOf(funnelOfEntity(FUNNEL, 'message'))).toEqual(eventsOf(FUNNEL))
    expect(eventsOf(funnelOfEntity(FIRST_FUNNEL, 'run'))).toEqual(eventsOf(FIRST_FUNNEL))
    const ofContacts = { ...FUNNEL, steps: [{ event: 'contact_created' }, { event: 'message_sent' }] }
    expect(eventsOf(funnelOfEntity(ofContacts, 'message'))).toEqual(eventsOf(FIRST_FUNNEL))
  })
})

test('a preset of the address is narrowed to its workflow and is not divided by workflows', () => {
  const preset = {
    id: 'workflow-run-to-goal',
    name: 'Workflow run to goal',
    request: {
      entity: 'run',
      steps: [{ event: 'workflow_run_started', name: 'Started' }, { event: 'workflow_run_goal_reached' }],
      order: 'ordered',
      window: '30d',
      breakdown: { dimension: 'workflow', of: 'entry' },
    },
  }
  const reference = parsePresetReference('{"preset":"workflow-run-to-goal","workflow":"wf-1"}')!
  const filter = { dimension: 'workflow', operator: 'in', values: ['wf-1'] } as const
  expect(funnelOfReference(reference, [preset])).toEqual({
    entity: 'run',
    steps: [
      { event: 'workflow_run_started', filter },
      { event: 'workflow_run_goal_reached', filter },
    ],
    order: 'ordered',
    window: '30d',
    exclusions: [],
  })
  expect(funnelOfReference({ preset: 'x' }, [preset])).toBeUndefined()
  expect(parsePresetReference('{"entity":"run"}')).toBeUndefined()
})

test('every event type of the catalogue has a name', () => {
  const types = CATALOGUE.map(({ eventType }) => eventType).filter((eventType) => !eventType.endsWith('_'))
  expect(types.filter((eventType) => !(eventType in ENGLISH.events))).toEqual([])
})
