/** The funnels of the service to start from, as the page shows them. */
import type { FilterLeaf } from '../../analytics/filter/filter-tree.ts'
import { type ApiClient, apiPath } from '../api/api-client.ts'
import { nameOf, parseDefinition } from '../analysis/definition-text.ts'
import { bothOf, conditionsOf } from '../analysis/conditions.ts'
import { analysisTexts } from '../analysis/texts/analysis-texts.ts'
import type { FunnelPreset } from './funnel-answer.ts'
import { PRESET_SUBJECTS, type PresetReference, type PresetSubject } from './preset-reference.ts'
import { funnelOf, type FunnelDefinition, type FunnelStepDefinition } from './funnel-definition.ts'

/** Reads the text of the address; undefined where it is no preset. */
export function parsePresetReference(text: string | undefined): PresetReference | undefined {
  const value = parseDefinition(text)
  const preset = nameOf(value['preset'])
  if (preset === undefined) return undefined
  const subjects = PRESET_SUBJECTS.flatMap((subject) => {
    const id = nameOf(value[subject])
    return id === undefined ? [] : [[subject, id] as const]
  })
  const steps = value['steps']
  return {
    preset,
    ...(typeof steps === 'number' && { steps }),
    ...Object.fromEntries(subjects),
  }
}

/** Reads the presets; those that go step by step are about the sequence of the reference. */
export async function readPresets(
  api: ApiClient,
  reference: PresetReference | undefined,
  signal: AbortSignal,
): Promise<readonly FunnelPreset[]> {
  const { sequence, steps } = reference ?? {}
  const parameters = { sequenceId: sequence, ...(steps === undefined ? {} : { steps: String(steps) }) }
  const { data } = await api.revalidated<{ readonly presets: readonly FunnelPreset[] }>(
    apiPath('funnels/presets', parameters),
    signal,
  )
  return data.presets
}

/** A preset as a funnel of the page. The names of its steps are those of the page's language. */
export function funnelOfPreset({ request }: FunnelPreset): FunnelDefinition {
  const funnel = funnelOf(request)
  return { ...funnel, steps: funnel.steps.map(withOwnName) }
}

/** The funnel of a reference; undefined for a preset that does not exist. */
export function funnelOfReference(
  reference: PresetReference,
  presets: readonly FunnelPreset[],
): FunnelDefinition | undefined {
  const preset = presets.find(({ id }) => id === reference.preset)
  return (
    preset && PRESET_SUBJECTS.reduce((funnel, name) => narrowed(funnel, name, reference[name]), funnelOfPreset(preset))
  )
}

/** Narrows every step to one entity. A funnel of one entity is not divided by it. */
function narrowed(funnel: FunnelDefinition, dimension: PresetSubject, id: string | undefined): FunnelDefinition {
  if (id === undefined) return funnel
  const leaf: FilterLeaf = { dimension, operator: 'in', values: [id] }
  const { breakdown, ...undivided } = funnel
  return {
    ...undivided,
    ...(breakdown && breakdown.dimension !== dimension && { breakdown }),
    steps: funnel.steps.map((step) => ({ ...step, filter: bothOf(step.filter, leaf)! })),
  }
}

/** A step of a sequence is named by its number, any other one by its event. */
function withOwnName({ event, filter }: FunnelStepDefinition): FunnelStepDefinition {
  const step = { event, ...(filter && { filter }) }
  const ofStep = conditionsOf(filter)?.find(({ dimension, operator }) => dimension === 'step' && operator === 'in')
  return ofStep?.values.length === 1 ? { ...step, name: analysisTexts().funnel.step(String(ofStep.values[0])) } : step
}

/** The name of a preset in the language of the page; that of the service where there is none. */
export function presetName({ id, name }: FunnelPreset): string {
  const { presets, presetStep } = analysisTexts().funnel
  const [, number] = /^sequence-step-(\d+)-to-reply$/.exec(id) ?? []
  if (number !== undefined) return presetStep(number)
  return Object.hasOwn(presets, id) ? presets[id as keyof typeof presets] : name
}
