import { DAY_MS } from '../../duration.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'

const CREATION_SHARE = 0.4
const LATER_UPDATE_SHARE = 0.3

/** A contact is created (and perhaps updated some days later), or an existing contact is updated. */
export function startContactChange(context: ScenarioContext, at: number): ScenarioStart {
  const { random, tenant } = context
  const update = (contactId: string, updatedAt: number) => {
    const metadata = { changed: random.pick(['phone', 'address', 'tags', 'employer', 'consent']) }
    return context.createEvent('contact.updated', updatedAt, { contactId, metadata })
  }
  const expectedEvents = 1 + CREATION_SHARE * LATER_UPDATE_SHARE
  if (!random.chance(CREATION_SHARE)) return { firstEvent: update(random.pick(tenant.contacts), at), expectedEvents }

  const contactId = `ct-${random.hex()}`
  if (tenant.contacts.length < tenant.maxContacts) tenant.contacts.push(contactId)
  if (random.chance(LATER_UPDATE_SHARE)) {
    context.schedule(at, random.logNormal(2 * DAY_MS), (updatedAt) => update(contactId, updatedAt))
  }
  const metadata = { origin: random.pick(['sign-up form', 'import', 'event desk', 'checkout', 'referral']) }
  return { firstEvent: context.createEvent('contact.created', at, { contactId, metadata }), expectedEvents }
}
