import { TENANT_KINDS, SEQUENCE_NAMES, TEMPLATE_NAMES, WORKFLOW_NAMES } from './names.ts'
import type { TenantKind } from './names.ts'
import { Random } from './random.ts'

export const CHANNELS = ['email', 'sms', 'whatsapp', 'push'] as const
export type Channel = (typeof CHANNELS)[number]

export interface Template {
  readonly id: string
  readonly name: string
  readonly channel: Channel
  /** A factor of the channel's open and click rates: about 1.5 for the best template of a tenant, 0.3 for the worst. */
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
  /** One template per step. */
  readonly templates: readonly Template[]
  /** The probability of a reply to the first step; half of it for later steps. */
  readonly replyShare: number
}

export interface SimulatedTenant {
  readonly id: string
  readonly kind: TenantKind
  readonly templates: readonly Template[]
  readonly workflows: readonly Workflow[]
  readonly sequences: readonly Sequence[]
  /** The ids of the contacts; created contacts are added. */
  readonly contacts: string[]
  readonly maxContacts: number
}

const MAX_KNOWN_CONTACTS = 4_000

/**
 * The simulated tenants. They are the same in every run with the same seed, so that a live run uses the templates, workflows, sequences and contacts of a backfill. A
 * tenant is generated at its first use.
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

  /** Picks the n-th tenant in proportion to 1 / n, so that a few tenants are much larger than the others. */
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
  const kind = random.pick(TENANT_KINDS)
  const templates = generateTemplates(kind, random)
  const workflows = random.pickSome(WORKFLOW_NAMES[kind], 4 + random.integerBelow(4)).map((name): Workflow => ({
    id: `wf-${random.hex()}`,
    name,
    template: random.pick(templates),
    failureShare: random.between(0.02, 0.12),
    goalShare: random.between(0.1, 0.5),
  }))
  const sequences = random.pickSome(SEQUENCE_NAMES[kind], 3 + random.integerBelow(3)).map((name): Sequence => ({
    id: `seq-${random.hex()}`,
    name,
    templates: Array.from({ length: 3 + random.integerBelow(4) }, () => random.pick(templates)),
    replyShare: random.between(0.04, 0.16),
  }))
  const contactCount = Math.max(200, Math.round(MAX_KNOWN_CONTACTS * tenantWeight(index)))
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

/** Most templates are e-mails; each channel has at least one. */
function generateTemplates(kind: TenantKind, random: Random): Template[] {
  const names = TEMPLATE_NAMES[kind]
  const withoutEmail = random.pickSome(
    names.map((_, position) => position),
    5,
  )
  return names.map((name, position) => ({
    id: `tpl-${random.hex()}`,
    name,
    channel: (['sms', 'whatsapp', 'push', 'whatsapp', 'sms'] as const)[withoutEmail.indexOf(position)] ?? 'email',
    // Falls from 1.5 to 0.3 with some noise: best and worst are distinct, neighbours may change places.
    quality: 1.5 * 0.2 ** (position / (names.length - 1)) * random.between(0.9, 1.1),
  }))
}
