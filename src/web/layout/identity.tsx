import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { type Session, sessionIdentityOf, tenantOf } from '../state/session.ts'

/** The signed-in user: the tenant, or the choice of one, and the button that signs out. */
export function Identity({ session }: { readonly session: Session }) {
  const app = useApp()
  const { layout, errors } = messages()
  const { tenants, isToken } = sessionIdentityOf(session)
  const tenant = tenantOf(session, app.address.viewState.value.tenant)
  return (
    <div class="identity">
      {tenants.length > 1 ? (
        <label>
          <span>{layout.tenant}</span>
          <select
            name="tenant"
            value={tenant ?? ''}
            onChange={(event) =>
              app.address.navigate({ tenant: event.currentTarget.value || undefined, id: undefined })
            }
          >
            {tenant === undefined && <option value="">{errors.chooseTenant}</option>}
            {tenants.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <p class="identity-name">
          <bdi>{tenant ?? (isToken ? layout.signedIn : layout.apiKey)}</bdi>
        </p>
      )}
      <button type="button" class="button" onClick={() => app.session.end()}>
        {layout.signOut}
      </button>
    </div>
  )
}
