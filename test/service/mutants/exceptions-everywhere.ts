/**
 * An exception in every place that runs around a request, beside it or by the clock, each for requests that ask for it by a tenant or an address of that name. `UNGUARDED` names
 * guards that are taken out.
 */
import { replaceText } from '../../faults/mutants/replace-text.ts'

const thrown = (name: string) => `throw new TypeError('planted ${name}')`
const plant = (module: string, before: string, name: string, condition = 'true') =>
  replaceText(module, before, `if (${condition}) ${thrown(name)}\n${before}`)

plant(
  'src/http/cache/unchanged-requests.ts',
  "const ifNoneMatch = request.headers.get('if-none-match')",
  'wrap',
  "request.url.includes('planted-wrap')",
)
plant(
  'src/http/pipeline/request-bounds.ts',
  'if (targetOf(request).length',
  'enter',
  "request.url.includes('planted-enter')",
)
plant(
  'src/http/limits/tenant-limits.ts',
  "if (this.#policy === '') return {}",
  'refuse',
  "tenantId === 'planted-refuse'",
)
plant('src/http/limits/request-pacer.ts', 'if (--crowd.present === 0)', 'pace', "tenantId === 'planted-pace'")
plant(
  'src/http/dashboards/serve-dashboard.ts',
  'const zone = requireZone(asked.timezone)',
  'route',
  "tenantId === 'planted-route'",
)
plant(
  'src/http/audit/request-audit-trail.ts',
  'const isRefusal = request.status',
  'leave',
  "request.tenantId === 'planted-leave'",
)
plant(
  'src/cli/api-key-requests.ts',
  "if (command.action === 'list') return",
  'command',
  "'tenantId' in command && command.tenantId === 'planted-command'",
)
// The last second of the century: the streams know no tenant, but when the token ends.
plant(
  'src/live/live-client.ts',
  'const message = this.#isClosed',
  'stream',
  'this.#options.expiresAt === 4102444799000',
)
replaceText(
  'src/assembly/scheduled-jobs.ts',
  'reportUnbalanced(ingestion.reconcile(), logger)',
  `reportUnbalanced(ingestion.reconcile(), logger)\nif (!globalThis.plantedJob) { globalThis.plantedJob = true; ${thrown('job')} }`,
)
replaceText(
  'src/service.ts',
  'this.#starting ??= this.#start()',
  `this.#platform.clock.after(50, () => { ${thrown('timer')} })\nthis.#starting ??= this.#start()`,
)

const unguarded = process.env['UNGUARDED'] ?? ''
if (unguarded.includes('hook'))
  replaceText(
    'src/http/pipeline/request-pipeline.ts',
    'keep(passing)\n      } catch (error) {',
    'keep(passing)\n      } catch (error) {\nthrow error',
  )
if (unguarded.includes('stream'))
  replaceText('src/http/live/stream-encoding.ts', '} catch (error) {', '} catch (error) {\nthrow error')
