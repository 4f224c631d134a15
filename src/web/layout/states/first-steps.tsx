import { useState } from 'preact/hooks'
import { Copyable } from '../../components/copyable.tsx'
import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'
import { SAMPLE_SUBJECT, sampleEvent, SUBJECTS } from '../../state/sample-event.ts'
import { tenantOf } from '../../state/session.ts'

const SIMULATED_TENANTS = 5
const SIMULATE_LIVE = `npm run simulate -- --rate 500 --tenants ${SIMULATED_TENANTS} --duration 60`
const SIMULATE_HISTORY = `npm run simulate -- --backfill 30d --tenants ${SIMULATED_TENANTS}`
/** The tenant of an API key is known to the service only. */
const PLACEHOLDER_TENANT = 'your-tenant-id'

/** How a tenant without events gets the first ones. */
export function FirstSteps({ asOf }: { readonly asOf: number }) {
  const { session, address } = useApp()
  const { empty } = messages()
  const state = session.state.value
  const tenant =
    (state.kind === 'none' ? undefined : tenantOf(state.session, address.viewState.value.tenant)) ?? PLACEHOLDER_TENANT
  // The text stays the same while updates arrive, so that a selection inside it stays.
  const [time] = useState(asOf)
  return (
    <section class="status-message first-steps">
      <h2>{empty.firstTitle}</h2>
      <p>{empty.firstIntro}</p>
      <ol>
        <li>
          <h3>{empty.simulateLive}</h3>
          <Copyable text={SIMULATE_LIVE} name={empty.simulateLive} />
          {!isSimulated(tenant) && (
            <p class="note">{empty.simulateTenants(`tenant-1 … tenant-${SIMULATED_TENANTS}`)}</p>
          )}
        </li>
        <li>
          <h3>{empty.simulateHistory}</h3>
          <Copyable text={SIMULATE_HISTORY} name={empty.simulateHistory} />
        </li>
        <li>
          <h3>{empty.publish}</h3>
          <p>{empty.broker}</p>
          <p>
            {empty.sample} <code>{SAMPLE_SUBJECT}</code>
          </p>
          <Copyable text={sampleEvent(tenant, time)} name={`${empty.sample} ${SAMPLE_SUBJECT}`} />
          <p>{empty.subjects}</p>
          <ul class="subjects">
            {SUBJECTS.map((subject) => (
              <li key={subject}>
                <code>{subject}</code>
              </li>
            ))}
          </ul>
        </li>
      </ol>
    </section>
  )
}

function isSimulated(tenant: string): boolean {
  return Array.from({ length: SIMULATED_TENANTS }, (_, index) => `tenant-${index + 1}`).includes(tenant)
}
