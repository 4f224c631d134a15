import { tenantKinds, sequenceNames, templateNames, workflowNames } from './names.ts'
import type { TenantKind } from './names.ts'
import { Random } from './random.ts'

export const channels = ['email', 'sms', 'whatsapp', 'push'] as const
export type Channel = (typeof channels)[number]

export interface Template {
  readonly id: string
  readonly name: string
  readonly channel: Channel
  /** Multiplies the channel's open and click rates: about 1.5 for the best template of a tenant, 0.3 for the worst. */
  readonly quality: number
}

export interface Workflow {
  readonly id: string
  readonly name: string
  readonly template: Template
  readonly failureShare: number
  readonly goalShare: number
}

export interface Sequence {
  readonly id: string
  readonly name: string
  /** One template for each step. */
  readonly templates: readonly Template[]
  /** How likely the first step is answered; later ones are half as likely. */
  readonly replyShare: number
}

export interface SimulatedTenant {
  readonly id: string
  readonly kind: TenantKind
  readonly templates: readonly Template[]
  readonly workflows: readonly Workflow[]
  readonly sequences: readonly Sequence[]
  /** Ids; grows a little while contacts are created. */
  readonly contacts: string[]
  readonly maxContacts: number
}

const maxKnownContacts = 4_000

/**
 * The organisations that send: who they are stays the same for a seed, in every run, so that templates, workflows, sequences
 * and contacts of a backfill are met again in a live run. A tenant is made up when it is first needed.
 */
export class DataSet {
  private readonly seed: number
  private readonly tenants: (SimulatedTenant | undefined)[]
  private readonly cumulativeWeights: readonly number[]

  constructor(seed: number, tenantCount: number) {
    this.seed = seed
    this.tenants = Array.from({ length: tenantCount }, () => undefined)
    let total = 0
    this.cumulativeWeights = this.tenants.map((_, index) => (total += tenantWeight(index)))
  }

  /** A few tenants are much bigger than the others: the n-th is picked in proportion to 1 / n. */
  pickTenant(random: Random): SimulatedTenant {
    const weights = this.cumulativeWeights
    const targetWeight = random.fraction() * (weights.at(-1) ?? 0)
    let low = 0
    let high = weights.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((weights[middle] ?? 0) > targetWeight) high = middle
      else low = middle + 1
    }
    return (this.tenants[low] ??= generateTenant(low, new Random(this.seed, 'tenant', low)))
  }
}

function tenantWeight(index: number): number {
  return 1 / (index + 1)
}

function generateTenant(index: number, random: Random): SimulatedTenant {
  const kind = random.pick(tenantKinds)
  const templates = generateTemplates(kind, random)
  const workflows = random.pickSome(workflowNames[kind], 4 + random.integerBelow(4)).map((name): Workflow => ({
    id: `wf-${random.hex()}`,
    name,
    template: random.pick(templates),
    failureShare: random.between(0.02, 0.12),
    goalShare: random.between(0.1, 0.5),
  }))
  const sequences = random.pickSome(sequenceNames[kind], 3 + random.integerBelow(3)).map((name): Sequence => ({
    id: `seq-${random.hex()}`,
    name,
    templates: Array.from({ length: 3 + random.integerBelow(4) }, () => random.pick(templates)),
    replyShare: random.between(0.04, 0.16),
  }))
  const contactCount = Math.max(200, Math.round(maxKnownContacts * tenantWeight(index)))
  const contacts = Array.from({ length: contactCount }, () => `ct-${random.hex()}`)
  return {
    id: `tenant-${index + 1}`,
    kind,
    templates,
    workflows,
    sequences,
    contacts,
    maxContacts: 2 * contactCount,
  }
}

/** Most templates are e-mails, yet each channel has at least one. */
function generateTemplates(kind: TenantKind, random: Random): Template[] {
  const names = templateNames[kind]
  const withoutEmail = random.pickSome(
    names.map((_, position) => position),
    5,
  )
  return names.map((name, position) => ({
    id: `tpl-${random.hex()}`,
    name,
    channel: (['sms', 'whatsapp', 'push', 'whatsapp', 'sms'] as const)[withoutEmail.indexOf(position)] ?? 'email',
    // A ladder from 1.5 down to 0.3, a little uneven: best and worst stay clear, neighbours may swap.
    quality: 1.5 * 0.2 ** (position / (names.length - 1)) * random.between(0.9, 1.1),
  }))
}
