/** Answers the requests for the definitions of one kind: list, create, read, replace and remove. */
import type { Definition, DefinitionKind, DefinitionStore } from '../../definitions/ports.ts'
import type { Scope } from '../auth/scopes.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import {
  answered,
  authorizedFor,
  type DefinitionContext,
  type DefinitionServices,
  entityTagOf,
  expectedRevision,
  requireFound,
  sendDefinition,
} from './definition-requests.ts'

interface ChangeableRoute {
  readonly access: Scope
  readonly changeAccess: Scope
}

/** What differs between the kinds. */
export interface DefinitionResource<Services extends DefinitionServices, Body, Request, Parameter extends string> {
  readonly kind: DefinitionKind
  /** Of the list. */
  readonly collection: ChangeableRoute
  /** Of one definition; its path has the id as `parameter`. */
  readonly item: ChangeableRoute
  readonly parameter: Parameter
  readonly storeOf: (services: Services) => DefinitionStore<Body>
  /** What is stored for the body of a request, which replaces `current`. Throws or rejects with a VALIDATION_ERROR that has the path of each mistake. */
  readonly storable: (
    services: Services,
    tenantId: string,
    request: Request,
    current?: Definition<Body>,
  ) => Body | Promise<Body>
  /** The data of the response with one definition, and of the one with all of a tenant. */
  readonly dataOf: (services: Services, definition: Definition<Body>) => object | Promise<object>
  readonly listOf: (services: Services, definitions: readonly Definition<Body>[]) => object | Promise<object>
  /** The part of a request that the audit trail keeps: nothing of its texts. Without it the trail keeps nothing of the body. */
  readonly auditedBody?: (request: Request) => string
  /** Throws when the definition may not be removed. */
  readonly requireRemovable?: (services: Services, tenantId: string, id: string) => void
  readonly onRemoved?: (services: Services, tenantId: string, id: string) => Promise<void>
}

/** The context of a request for one definition. */
export interface ItemContext<Parameter extends string> extends DefinitionContext {
  readonly params: Readonly<Record<Parameter, string>>
}

/** The body has been checked by the schema. */
interface WithBody<Body> {
  readonly body: Body
}

/** The handlers of the requests. A change and a removal need `If-Match`. */
export function serveDefinitions<Services extends DefinitionServices, Body, Request, Parameter extends string>(
  resource: DefinitionResource<Services, Body, Request, Parameter>,
) {
  const { kind, collection, item, parameter, storeOf } = resource

  /** The definition of a request. Rejects with NOT_FOUND, also when it is another tenant's. */
  async function find(
    services: Services,
    tenantId: string,
    { params }: Pick<ItemContext<Parameter>, 'params'>,
  ): Promise<Definition<Body>> {
    return requireFound(await storeOf(services).find(tenantId, params[parameter]), kind)
  }

  async function send(
    context: DefinitionContext,
    services: Services,
    definition: Definition<Body>,
    status = 200,
  ): Promise<Response> {
    const data = await resource.dataOf(services, definition)
    const options = { etag: entityTagOf(definition), status }
    return sendDefinition(context, services, authenticatedContextOf(context.request), data, options)
  }

  /** The context of a request with a body, once its scope has been checked. */
  function authorizedChange(context: DefinitionContext & WithBody<Request>, route: ChangeableRoute) {
    const authorization = authorizedFor(context.request, route.changeAccess)
    if (resource.auditedBody) authorization.auditedBody = resource.auditedBody(context.body)
    return authorization.principal
  }

  return {
    find,
    send,

    list(context: DefinitionContext, services: Services): Promise<Response> {
      const authorization = authorizedFor(context.request, collection.access)
      return answered(kind, async () => {
        const definitions = storeOf(services).list(authorization.principal.tenantId)
        return sendDefinition(context, services, authorization, await resource.listOf(services, definitions))
      })
    },

    create(context: DefinitionContext & WithBody<Request>, services: Services): Promise<Response> {
      const { tenantId } = authorizedChange(context, collection)
      return answered(kind, async () => {
        const body = await resource.storable(services, tenantId, context.body)
        return send(context, services, await storeOf(services).create(tenantId, body), 201)
      })
    },

    read(context: ItemContext<Parameter>, services: Services): Promise<Response> {
      const { principal } = authorizedFor(context.request, item.access)
      return answered(kind, async () => send(context, services, await find(services, principal.tenantId, context)))
    },

    replace(context: ItemContext<Parameter> & WithBody<Request>, services: Services): Promise<Response> {
      const { tenantId } = authorizedChange(context, item)
      return answered(kind, async () => {
        const current = await find(services, tenantId, context)
        const revision = expectedRevision(context.request, current)
        const body = await resource.storable(services, tenantId, context.body, current)
        return send(context, services, await storeOf(services).replace(tenantId, current.id, body, revision))
      })
    },

    remove(context: ItemContext<Parameter>, services: Services): Promise<Response> {
      const authorization = authorizedFor(context.request, item.changeAccess)
      const { tenantId } = authorization.principal
      return answered(kind, async () => {
        const current = await find(services, tenantId, context)
        const revision = expectedRevision(context.request, current)
        resource.requireRemovable?.(services, tenantId, current.id)
        await storeOf(services).remove(tenantId, current.id, revision)
        await resource.onRemoved?.(services, tenantId, current.id)
        return sendDefinition(context, services, authorization, { id: current.id })
      })
    },
  }
}
