import { type ComponentType, h } from 'preact'
import type { PageControls } from '../../../analytics/dashboards/page-controls.ts'
import { ApiError } from '../../api/api-error.ts'
import { loadStylesheet } from './load-stylesheet.ts'
import {
  type FileRequest,
  type LoadedData,
  type LoadRequest,
  NO_CONTROLS,
  type ShownComparison,
  type View,
  type ViewProps,
} from '../view.ts'

/** A view whose code the first visit of the page does not load. */
export interface LazyPage<Data extends object> {
  /** Reads everything that the view shows. */
  load(request: LoadRequest): Promise<LoadedData<Data>>
  /** The request for the file of what is shown. */
  file(request: Pick<LoadRequest, 'api' | 'viewState' | 'now'>): FileRequest | Promise<FileRequest>
  /** The name of what `id` in the address identifies. */
  entityName?(data: Data): string | undefined
  /** What the data is compared with. Undefined for a view without a comparison. */
  comparison?(data: Data): ShownComparison | undefined
  /** The address of the styles that no other view needs. */
  readonly stylesheet?: string
  readonly Content: ComponentType<ViewProps<Data>>
}

interface LazyViewOptions<Data extends object> extends Pick<
  View,
  'group' | 'icon' | 'cardCount' | 'isOfDefinitions' | 'hasFile'
> {
  /** The shared controls that the view follows, besides range and zone. */
  readonly controls?: Partial<PageControls>
  /** Loads the code, in which the page is exported as `page`. */
  importPage(): Promise<{ readonly page: LazyPage<Data> }>
}

type LazyData<Data extends object> = Data & { readonly page: LazyPage<Data> }

/** Defines a view that brings its own controls: it has content also where there is nothing to show. */
export function defineLazyView<Data extends object>({
  controls,
  importPage,
  ...view
}: LazyViewOptions<Data>): View<LazyData<Data>> {
  const pageOf = async () => {
    // A chunk that cannot be loaded means that the connection was lost.
    const { page } = await importPage().catch(() => Promise.reject(ApiError.unreachable()))
    if (page.stylesheet !== undefined) await loadStylesheet(page.stylesheet)
    return page
  }
  return {
    ...view,
    controls: { ...NO_CONTROLS, ...controls },
    isEmpty: () => false,
    entityName: ({ page, ...data }) => page.entityName?.(data as unknown as Data),
    comparison: ({ page, ...data }) => page.comparison?.(data as unknown as Data),
    async load(request) {
      const page = await pageOf()
      const { data, asOf } = await page.load(request)
      return { data: { ...data, page }, asOf }
    },
    file: async (request) => (await pageOf()).file(request),
    Content: ({ data, ...props }) => h(data.page.Content, { data, ...props }),
  }
}
