import { Icon } from '../components/icon.tsx'
import { messages } from '../messages/messages.ts'
import { useApp } from '../state/app.ts'
import { type Session, sessionIdentityOf, tenantOf } from '../state/session.ts'

const LEAVE_ICON = 'M6.5 2.5H4A1.5 1.5 0 0 0 2.5 4v8A1.5 1.5 0 0 0 4 13.5h2.5M10.5 5l3 3-3 3M13 8H6.5'

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
        <div class="identity-label">
          {tenant !== undefined && <span>{layout.tenant}</span>}
          <p class="identity-name" title={tenant}>
            <bdi>{tenant ?? (isToken ? layout.signedIn : layout.apiKey)}</bdi>
          </p>
        </div>
      )}
      <button type="button" class="button quiet" onClick={() => app.session.end()}>
        <Icon path={LEAVE_ICON} />
        <span>{layout.signOut}</span>
      </button>
    </div>
  )
}
