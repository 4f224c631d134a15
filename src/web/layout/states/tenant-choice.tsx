import { messages } from '../../messages/messages.ts'
import { useApp } from '../../state/app.ts'

/** In place of a view while the token is valid for several tenants and none of them is chosen. */
export function TenantChoice({ tenants }: { readonly tenants: readonly string[] }) {
  const { address } = useApp()
  const { errors } = messages()
  return (
    <section class="status-message">
      <h2>{errors.chooseTenant}</h2>
      <p>{errors.chooseTenantHint}</p>
      <ul class="status-actions">
        {tenants.map((tenant) => (
          <li key={tenant}>
            <button type="button" class="button" onClick={() => address.navigate({ tenant, id: undefined })}>
              <bdi>{tenant}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
