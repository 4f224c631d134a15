import { dayMs } from './scene.ts'
import type { Opening, Scene } from './scene.ts'

const creationShare = 0.4
const laterUpdateShare = 0.3

/** A contact is created (and perhaps updated some days later), or one that is known is updated. */
export function startContactChange(scene: Scene, at: number): Opening {
  const { random, tenant } = scene
  const update = (contactId: string, updatedAt: number) => {
    const metadata = { changed: random.pick(['phone', 'address', 'tags', 'employer', 'consent']) }
    return scene.event('contact.updated', updatedAt, { contactId, metadata })
  }
  const expectedEvents = 1 + creationShare * laterUpdateShare
  if (!random.chance(creationShare)) return { event: update(random.pick(tenant.contacts), at), expectedEvents }

  const contactId = `ct-${random.hex()}`
  if (tenant.contacts.length < tenant.maxContacts) tenant.contacts.push(contactId)
  if (random.chance(laterUpdateShare)) {
    scene.after(at, random.around(2 * dayMs), (updatedAt) => update(contactId, updatedAt))
  }
  const metadata = { origin: random.pick(['sign-up form', 'import', 'event desk', 'checkout', 'referral']) }
  return { event: scene.event('contact.created', at, { contactId, metadata }), expectedEvents }
}
